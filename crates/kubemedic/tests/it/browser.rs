//! A person decides on the page: headless Chromium, driven over WebDriver, approves one command, rejects the others and rates.
//! Runs where `chromedriver` and `chromium` are installed (`./test.sh` installs both); says so where they are not.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    main_job::SAMPLE,
    process::{Home, Server, until},
};

/// How elements are named on the wire (W3C WebDriver, section "Elements").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window.
struct Browser {
    driver: Child,
    client: Client,
    session: String,
}

impl Browser {
    /// Starts the driver and a window; `None` where they are not installed.
    #[expect(clippy::disallowed_methods, reason = "the driver is a process of its own")]
    async fn open(home: &Home) -> Option<Self> {
        if !["/usr/bin/chromedriver", "/usr/bin/chromium"]
            .iter()
            .all(|program| Path::new(program).exists())
        {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new("/usr/bin/chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (client, base) = (Client::new(), format!("http://127.0.0.1:{port}/session"));
        let profile = format!("--user-data-dir={}", home.path().join("browser").display());
        let quiet = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--window-size=1200,1600",
            &profile,
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": quiet, "binary": "/usr/bin/chromium"}}}});
        let id = until("the browser starts", async || {
            let answer: Value = client
                .post(&base)
                .json(&wanted)
                .send()
                .await
                .ok()?
                .json()
                .await
                .ok()?;
            answer["value"]["sessionId"].as_str().map(str::to_owned)
        })
        .await;
        Some(Self {
            driver,
            client,
            session: format!("{base}/{id}"),
        })
    }

    async fn call(&self, path: &str, body: Value) -> Value {
        let answer = self
            .client
            .post(format!("{}{path}", self.session))
            .json(&body)
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()["value"].take()
    }

    async fn go(&self, url: &str) {
        self.call("/url", json!({"url": url})).await;
    }

    /// The element of a CSS selector; `None` while it is not there.
    async fn find(&self, selector: &str) -> Option<String> {
        let found = self
            .call("/element", json!({"using": "css selector", "value": selector}))
            .await;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    /// Clicks an element as a person does: it is scrolled to the middle, and the driver refuses when something covers it.
    async fn click(&self, selector: &str) {
        let element = self
            .find(selector)
            .await
            .unwrap_or_else(|| panic!("no {selector}"));
        let script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";
        let arguments = json!({"script": script, "args": [{ELEMENT: element}]});
        self.call("/execute/sync", arguments).await;
        let answer = self.call(&format!("/element/{element}/click"), json!({})).await;
        assert!(answer.is_null(), "click on {selector}: {answer}");
    }

    async fn type_into(&self, selector: &str, text: &str) {
        let element = self
            .find(selector)
            .await
            .unwrap_or_else(|| panic!("no {selector}"));
        self.call(&format!("/element/{element}/value"), json!({"text": text}))
            .await;
    }

    /// Chooses an entry of a list.
    async fn choose(&self, list: &str, value: &str) {
        self.click(&format!("{list} option[value={value}]")).await;
    }

    /// Whether a person sees an element.
    async fn shows(&self, selector: &str) -> bool {
        let script = "const it = document.querySelector(arguments[0]); return !!it && it.checkVisibility()";
        let seen = self
            .call("/execute/sync", json!({"script": script, "args": [selector]}))
            .await;
        seen.as_bool().unwrap_or(false)
    }

    /// The visible text of the page.
    async fn text(&self) -> String {
        let script = json!({"script": "return document.body.innerText", "args": []});
        self.call("/execute/sync", script)
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A window beside a server with a plan that waits, and its workflow's id; says so and is `None` where there is no browser.
async fn proposed(home: &Home) -> Option<(Browser, Server, String)> {
    let Some(browser) = Browser::open(home).await else {
        println!("skipped: chromium and chromedriver are not installed");
        return None;
    };
    let server = home.serve(&[]).await;
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    Some((browser, server, id))
}

#[tokio::test]
async fn a_person_approves_one_command_rejects_the_others_and_rates_the_plan_by_clicking() {
    let home = Home::new();
    let Some((browser, server, id)) = proposed(&home).await else {
        return;
    };
    let approval = server.approvals_of(&id).await.remove(0);
    let commands = approval["commands"].as_array().unwrap().len();
    browser.go(&server.approvals).await;
    assert!(browser.text().await.contains("waits for you"));
    browser
        .go(&format!(
            "{}/approvals/{}",
            server.approvals,
            approval["id"].as_str().unwrap()
        ))
        .await;
    let page = browser.text().await;
    for command in approval["commands"].as_array().unwrap() {
        assert!(page.contains(command["command"].as_str().unwrap()), "{page}");
    }

    browser.click("button[type=submit]").await;
    assert!(
        browser.text().await.contains("Decide this command."),
        "nothing is submitted half decided"
    );
    browser.click("#command-0 label[data-choice=approve]").await;
    for index in 1..commands {
        browser
            .click(&format!("#command-{index} label[data-choice=reject]"))
            .await;
        browser
            .type_into(&format!("#reason-{index}"), "we do this by hand")
            .await;
    }
    browser.type_into("#approver", "ann").await;
    browser.click("#decide button[type=submit]").await;
    let decided = until("the decision is stored", async || {
        let approval = server.approvals_of(&id).await.remove(0);
        (approval["status"] != "pending").then_some(approval)
    })
    .await;
    assert_eq!(
        (&decided["status"], &decided["approver"]),
        (&json!("partially_approved"), &json!("ann"))
    );
    assert_eq!(decided["commands"][0]["decision"], "approve");
    assert_eq!(decided["commands"][1]["reason"], "we do this by hand");

    until("the rating form is there", async || {
        browser.find("#rating label[for=star-4]").await
    })
    .await;
    browser.click("#rating label[for=star-4]").await;
    browser.click("#rating button[type=submit]").await;
    until("the rating counts", async || {
        let statistics = server.get("/api/v1/feedback/statistics").await;
        (statistics["agent_statistics"]["RemediationAgent"]["rated_count"] == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_person_rejects_as_too_risky_and_prefers_another_repair_by_clicking_and_why_tells_both() {
    let home = Home::new();
    let Some((browser, server, id)) = proposed(&home).await else {
        return;
    };
    let approval = server.approvals_of(&id).await.remove(0);
    let text = |key: &str| approval["metadata"][key].as_str().unwrap();
    let proposed = text("strategy");
    let others = approval["metadata"]["alternative_strategies"].as_array().unwrap();
    let preferred = others[0].as_str().unwrap();
    let number = approval["id"].as_str().unwrap();
    browser
        .go(&format!("{}/approvals/{number}", server.approvals))
        .await;

    assert!(!browser.shows("#reason-kind").await, "nothing is rejected yet");
    let commands = approval["commands"].as_array().unwrap().len();
    for index in 0..commands {
        browser
            .click(&format!("#command-{index} label[data-choice=reject]"))
            .await;
    }
    assert!(browser.shows("#reason-kind").await && browser.shows("#prefer").await);
    browser.choose("#reason-kind", "too_risky").await;
    browser.choose("#prefer", preferred).await;
    browser.click("#decide button[type=submit]").await;

    let why = until("the decision is learnt", async || {
        let why = server
            .get(&format!("/api/v1/learning/why/{}", text("feedback_id")))
            .await;
        let taught = why["proposals"][0]["taught"].as_array()?;
        (!taught.is_empty()).then_some(why)
    })
    .await;
    let proposal = &why["proposals"][0];
    assert_eq!(proposal["reason"], "too_risky");
    assert_eq!(proposal["words"], "Too risky");
    let taught: Vec<Value> = proposal["taught"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["arm"], it["head"], it["signal"], it["y"]]))
        .collect();
    assert_eq!(
        taught,
        [
            json!([proposed, "approve", "approval", 0.0]),
            json!([preferred, "approve", "preference", 1.0]),
            json!([preferred, "resolve", "preference", 1.0]),
        ]
    );
}
