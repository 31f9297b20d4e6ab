//! Questions on their way through cache, budgets, breakers, places, retries, fallbacks and transcripts, over scripted models and
//! virtual time.

use kubemedic_testkit::{
    manual_clock::ManualClock,
    scripted_model::{Scripted, ScriptedModel, reply, request},
};

use super::*;

#[tokio::test(start_paused = true)]
async fn an_answer_names_its_model_and_what_it_cost() {
    let clock = Arc::new(ManualClock::default());
    let model = Arc::new(ScriptedModel::always(
        "gemini:gemini-3.8-flash",
        Scripted::text("yes"),
    ));
    let chains = Chains::from([(Agent::AnalysisAgent, vec![model.clone() as _])]);
    let models = Models::new(ModelsConfig::default(), chains, clock.clone());
    let meter = Meter::new(ModelSpending::default(), clock);
    let answered = models
        .chat(Agent::AnalysisAgent, &request("why?"), &meter, &mut |_| ())
        .await
        .unwrap();
    assert_eq!(answered.reply, reply("yes"));
    assert_eq!(answered.by, "gemini:gemini-3.8-flash".parse().unwrap());
    assert_eq!(answered.spent.micro_dollars, 150);
    assert_eq!(meter.spent(), answered.spent);
}
