//! What a static embedding model adds to likeness by words: figures over hand-written pairs of lines, for whoever has fetched it.

use std::path::Path;

use kubemedic_adapters::{
    embeddings::{EmbeddingSpec, connect},
    llm::Endpoints,
};
use kubemedic_engine::similarity::{Idf, Meaning, Measure, PROBES, baseline, cluster};

const PAIRS: &str = include_str!("../../../kubemedic-engine/fixtures/similarity/pairs.tsv");

/// Pairs of lines, and whether they say the same.
fn pairs() -> Vec<(bool, [String; 2])> {
    let lines = PAIRS.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let parts: Vec<&str> = line.split('\t').collect();
        (parts[0] == "same", [parts[1].to_owned(), parts[2].to_owned()])
    };
    lines.map(pair).collect()
}

/// Right and wrong ones among those that are taken, and how many there would be.
fn told(right: usize, wrong: usize, all: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    format!(
        "precision {:.2} recall {:.2}",
        share(right, right + wrong),
        share(right, all)
    )
}

/// Figures of the odd pairs of each kind; thresholds were chosen on the even ones.
fn figures(likeness: &[(bool, f64)], least: f64, from: usize) -> String {
    let half = |same: bool| {
        let kind = likeness.iter().filter(move |it| it.0 == same);
        kind.skip(from).step_by(2).collect::<Vec<_>>()
    };
    let taken = |half: &[&(bool, f64)]| half.iter().filter(|it| it.1 >= least).count();
    let (same, other) = (half(true), half(false));
    told(taken(&same), taken(&other), same.len())
}

/// Pairs of lines that `cluster` puts together, where only the two lines of a pair that says the same belong together.
fn grouped(vectors: Option<&[Vec<f32>]>, baseline: f64) -> String {
    let same: Vec<[String; 2]> = pairs().into_iter().filter(|it| it.0).map(|it| it.1).collect();
    let lines: Vec<&str> = same.iter().flatten().map(String::as_str).collect();
    let (mut right, mut wrong) = (0, 0);
    for group in cluster(&lines, vectors, baseline) {
        for (place, one) in group.members.iter().enumerate() {
            for other in &group.members[place + 1..] {
                if one / 2 == other / 2 {
                    right += 1;
                } else {
                    wrong += 1;
                }
            }
        }
    }
    told(right, wrong, same.len())
}

#[tokio::test]
#[ignore = "a figure, not a check; for its second half: ./run.sh --embeddings"]
#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
async fn figures_of_likeness_by_words_and_by_vectors() {
    let lines: Vec<String> = pairs().into_iter().flat_map(|it| it.1).collect();
    let idf = Idf::default();
    let meanings: Vec<Meaning> = lines.iter().map(|it| Meaning::of(it)).collect();
    let over = |meanings: &[Meaning], baseline: f64| -> Vec<(bool, f64)> {
        let measure = Measure { idf: &idf, baseline };
        let both = meanings.as_chunks::<2>().0.iter();
        let likeness = both.map(|[a, b]| measure.likeness(a, b));
        pairs().iter().map(|it| it.0).zip(likeness).collect()
    };
    let thresholds = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6];
    let show = |name: &str, likeness: &[(bool, f64)]| {
        for least in thresholds {
            let (even, odd) = (figures(likeness, least, 0), figures(likeness, least, 1));
            println!("{name} from {least:.2}: even pairs {even}, odd pairs {odd}");
        }
    };
    show("words", &over(&meanings, 0.0));
    println!("words, groups among all lines: {}", grouped(None, 0.0));

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/embeddings/wordllama");
    if !folder.is_dir() {
        println!("no static model in data/embeddings/wordllama: ./run.sh --embeddings fetches one");
        return;
    }
    let start = std::time::Instant::now();
    let model = connect(&EmbeddingSpec::Static(folder), &Endpoints::default()).unwrap();
    println!("{} is read in {:?}", model.name(), start.elapsed());
    let probes: Vec<String> = PROBES.iter().map(|it| (*it).to_owned()).collect();
    let baseline = baseline(&model.embed(&probes).await.unwrap());
    let start = std::time::Instant::now();
    let vectors = model.embed(&lines).await.unwrap();
    println!(
        "{} lines are embedded in {:?}; unrelated lines have {baseline:.2}",
        lines.len(),
        start.elapsed()
    );
    let dense = |words: bool| -> Vec<Meaning> {
        let each = meanings.iter().zip(&vectors);
        each.map(|(meaning, vector)| {
            let meaning = if words {
                meaning.clone()
            } else {
                Meaning::default()
            };
            meaning.with_vector(Some(vector.clone()))
        })
        .collect()
    };
    show("words and vectors", &over(&dense(true), baseline));
    let same = pairs().iter().filter(|it| it.0).count() * 2;
    println!(
        "words and vectors, groups among all lines: {}",
        grouped(vectors.get(..same), baseline)
    );
}
