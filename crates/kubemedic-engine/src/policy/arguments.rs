//! The arguments that are no flags: what a command names, in the shapes that kubectl reads.

use kubemedic_model::resource::Kind;

use super::{
    ParseError,
    grammar::{Arguments, Syntax},
    invocation::{Invocation, Target},
    values::{self, ValueType},
};

/// The groups, and versions without a group, whose kinds are Kubernetes' own.
const OWN_GROUPS: [&str; 8] = [
    "",
    "v1",
    "v2",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "networking.k8s.io",
];

/// The most kinds of one command; each is named with each name.
const MAX_KINDS: usize = 32;

/// Reads the arguments in the shape that the command has.
pub(super) fn read(
    invocation: &mut Invocation,
    syntax: &Syntax,
    positionals: &[&str],
) -> Result<(), ParseError> {
    let too_many = || {
        ParseError::new(format!(
            "`{}` does not take these arguments: {}",
            syntax.path,
            positionals.join(" ").chars().take(80).collect::<String>()
        ))
    };
    let (resources, pairs) = match syntax.pairs {
        Some(_) => {
            let first = positionals.iter().position(|word| values::is_pair(word));
            positionals
                .split_at_checked(first.unwrap_or(positionals.len()))
                .ok_or_else(too_many)?
        }
        None => (positionals, [].as_slice()),
    };
    if let Some(kind) = syntax.pairs {
        pairs.iter().try_for_each(|pair| values::check_pair(kind, pair))?;
        invocation.pairs = pairs.iter().map(|pair| (*pair).to_owned()).collect();
    }
    match syntax.arguments {
        Arguments::None if resources.is_empty() => {}
        Arguments::None | Arguments::Opaque => return Err(too_many()),
        Arguments::Targets => invocation.targets = targets(resources)?,
        Arguments::TargetsThenName => {
            let (name, resources) = resources.split_last().ok_or_else(too_many)?;
            ValueType::Name.check(&syntax.path, name)?;
            invocation.targets = targets(resources)?;
            invocation.words.push((*name).to_owned());
        }
        Arguments::Nodes => invocation.targets = named(&Kind::Node, resources)?,
        Arguments::Pods => invocation.targets = named(&Kind::Pod, resources)?,
        Arguments::Name => match resources {
            [name] => {
                let kind = Kind::parse(syntax.path.rsplit(' ').next().unwrap_or_default());
                invocation.targets = named(&kind, &[name])?;
            }
            _ => {
                return Err(ParseError::new(format!(
                    "`{}` needs exactly one name",
                    syntax.path
                )));
            }
        },
        Arguments::Words => {
            for word in resources {
                if *word != "*" {
                    ValueType::Word.check(&syntax.path, word)?;
                }
                invocation.words.push((*word).to_owned());
            }
        }
        Arguments::Logs => match resources {
            [] => {}
            [one] => invocation.targets = log_target(one)?,
            [one, container] => {
                ValueType::Name.check("the container", container)?;
                invocation.targets = log_target(one)?;
            }
            _ => return Err(too_many()),
        },
    }
    Ok(())
}

fn log_target(word: &str) -> Result<Vec<Target>, ParseError> {
    if word.contains('/') {
        targets(&[word])
    } else {
        named(&Kind::Pod, &[word])
    }
}

/// Reads names of one kind; `KIND/NAME` of the same kind is a name too.
fn named(kind: &Kind, words: &[&str]) -> Result<Vec<Target>, ParseError> {
    words
        .iter()
        .map(|word| match word.split_once('/') {
            Some((written, name)) if kind_of(written)? == *kind => target(kind.clone(), name),
            Some(_) => Err(ParseError::new(format!("`{word}` is no {kind}"))),
            None => target(kind.clone(), word),
        })
        .collect()
}

/// Reads `TYPE[,TYPE] [NAME...]` or `TYPE/NAME...`; the two forms do not mix.
fn targets(words: &[&str]) -> Result<Vec<Target>, ParseError> {
    if words.iter().any(|word| word.contains('/')) {
        return words
            .iter()
            .map(|word| match word.split_once('/') {
                Some((kind, name)) => target(kind_of(kind)?, name),
                None => Err(ParseError::new(format!(
                    "`{word}` stands beside a TYPE/NAME argument but is none"
                ))),
            })
            .collect();
    }
    let Some((kinds, names)) = words.split_first() else {
        return Ok(Vec::new());
    };
    if kinds.split(',').count() > MAX_KINDS {
        return Err(ParseError::new(format!("more than {MAX_KINDS} kinds are named")));
    }
    let mut found = Vec::new();
    for kind in kinds.split(',') {
        let kind = kind_of(kind)?;
        if names.is_empty() {
            found.push(Target {
                kind: kind.clone(),
                name: None,
            });
        }
        for name in names {
            found.push(target(kind.clone(), name)?);
        }
    }
    Ok(found)
}

fn target(kind: Kind, name: &str) -> Result<Target, ParseError> {
    if values::is_name_of(&kind, name) {
        return Ok(Target {
            kind,
            name: Some(name.to_owned()),
        });
    }
    Err(ParseError::new(format!(
        "`{}` is not a valid name",
        name.chars().take(60).collect::<String>()
    )))
}

/// Reads a kind. With a group that is not Kubernetes' own it stays what it is, but for secrets and access control,
/// which count wherever they claim to come from.
fn kind_of(text: &str) -> Result<Kind, ParseError> {
    if !values::is_kind(text) {
        return Err(ParseError::new(format!(
            "`{}` is not a kind",
            text.chars().take(60).collect::<String>()
        )));
    }
    let kind = Kind::parse(text);
    let group = text
        .split_once('.')
        .map_or("", |(_, group)| group.trim_end_matches('.'));
    let own = OWN_GROUPS.contains(&group)
        || group
            .split_once('.')
            .is_some_and(|(version, group)| version.starts_with('v') && OWN_GROUPS.contains(&group));
    let sensitive = kind == Kind::Secret || super::facts::is_access_kind(&kind);
    if own || sensitive {
        Ok(kind)
    } else {
        Ok(Kind::Other(text.to_ascii_lowercase()))
    }
}
