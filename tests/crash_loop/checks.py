"""Looks at everything from outside, when all is calm: workflows, streams, approvals, executions, feedback. Each problem is a sentence."""

import collections
import json

from stubs import kubectl_calls

ONCE = ["workflow.started", "workflow.plan_ready", "workflow.closed"]
RAN = ("succeeded", "failed")


class Checks:
    """The checks of one run, with the figures that they come across."""

    def __init__(self, requests, folder, cases, external):
        self.requests = requests
        self.folder = folder
        self.cases = cases
        self.external = external
        self.problems = []
        self.figures = collections.Counter()

    def get(self, path, to="backend"):
        status, answer, _ = self.requests.call("GET", path, to=to)
        if status != 200:
            self.problems.append(f"GET {path} answers {status}: {answer}")
        return answer

    def all(self):
        listed = self.get("/api/v1/workflows?limit=500")
        known = {it["workflow_id"]: it for it in listed}
        self.figures["workflows"] = len(known)
        for case in self.cases:
            if case.workflow and case.workflow not in known:
                self.problems.append(f"workflow {case.workflow} was accepted with 202 and is gone")
        approvals = {} if self.external else {it["id"]: it for it in self.get("/api/approvals", to="approvals")["approvals"]}
        clients = {case.workflow: case for case in self.cases}
        for workflow in known.values():
            self.workflow(workflow, clients.get(workflow["workflow_id"]), approvals)
        self.doubled_proposals(approvals)
        self.executions(approvals)
        self.feedback(known)
        return self.problems

    def workflow(self, workflow, case, approvals):
        identity = workflow["workflow_id"]
        if workflow["status"] != "closed":
            self.problems.append(f"workflow {identity} did not end: {workflow['status']}")
        events, _ = self.requests.stream(identity, follow=True)
        self.figures["events"] += len(events)
        numbers = [number for number, _ in events]
        if numbers != list(range(1, len(events) + 1)):
            self.problems.append(f"the numbers of {identity} are {numbers}")
        values = [json.loads(text) for _, text in events]
        kinds = collections.Counter(it["kind"] for it in values)
        for kind in ONCE:
            if kinds[kind] != 1:
                self.problems.append(f"{identity} has {kinds[kind]} events {kind}")
        completed = collections.Counter(it["agent_name"] for it in values if it["status"] == "COMPLETED" and it["kind"] == "agent.completed")
        if any(count != 1 for count in completed.values()) or len(completed) != 4:
            self.problems.append(f"agents of {identity} completed {dict(completed)}")
        told = kinds["approval.submitted"]
        if not told == len(workflow["approvals"]) == len(set(workflow["approvals"])):
            self.problems.append(f"{identity} told of {told} approvals and has {workflow['approvals']}")
        if approvals:
            commands = [it for approval in workflow["approvals"] for it in approvals[approval]["commands"]]
            ended = sum(it["decision"] == "approve" for it in commands)
            if kinds["execution.ended"] != ended or kinds["execution.started"] > ended:
                self.problems.append(f"{identity} told {kinds['execution.started']} starts and {kinds['execution.ended']} ends of {ended} executions")
        if case:
            self.seen(identity, case, events)

    def seen(self, identity, case, events):
        """What the client read across crashes is what the journal holds."""
        if case.followed != events:
            self.problems.append(f"the follower of {identity} saw {[it[0] for it in case.followed]}, the journal has {len(events)} events, or their texts differ")
        if case.planned != events[: len(case.planned)]:
            self.problems.append(f"the default stream of {identity} differs from the journal: {[it[0] for it in case.planned]}")
        self.figures["streams resumed"] += case.resumed

    def doubled_proposals(self, approvals):
        keys = collections.Counter(it["metadata"].get("proposal_key") for it in approvals.values())
        self.problems += [f"the proposal {key} was made {count} times" for key, count in keys.items() if count > 1]
        self.figures["approvals"] = len(approvals)

    def executions(self, approvals):
        """Each call of kubectl belongs to one authorised command: ran as often as there are results, never more than once each."""
        surely, perhaps = collections.Counter(), collections.Counter()
        for approval in approvals.values():
            for command in approval["commands"]:
                state = (command.get("execution") or {}).get("state")
                argv = tuple(command["command"].split(" ")[1:])
                if state in RAN:
                    surely[argv] += 1
                if state in (*RAN, "unknown"):
                    perhaps[argv] += 1
                if state in ("waiting", "running"):
                    self.problems.append(f"{approval['id']}: {command['command']} is still {state}")
                if command["decision"] == "approve":
                    self.figures[f"executions {state}"] += 1
                elif state in (*RAN, "unknown"):
                    self.problems.append(f"{approval['id']}: {command['command']} is {command['decision']} and {state}")
        calls = collections.Counter(tuple(word) for word in kubectl_calls(self.folder))
        self.figures["kubectl calls"] = sum(calls.values())
        quoted = {argv for argv in perhaps if any("'" in word for word in argv)}
        for argv in (set(calls) | set(perhaps)) - quoted:
            least, most, ran = surely[argv], perhaps[argv], calls[argv]
            if not least <= ran <= most and not self.is_of_quoted(argv, quoted):
                self.problems.append(f"kubectl {' '.join(argv)} ran {ran} times, results allow {least} to {most}")

    @staticmethod
    def is_of_quoted(argv, quoted):
        """Whether a call is that of a command line with quotes, whose words cannot be split at spaces."""
        joined = " ".join(argv)
        return any(" ".join(it).replace("'", "") == joined for it in quoted)

    def feedback(self, known):
        file = self.folder / "data" / "feedback" / "remediation_feedback.jsonl"
        text = file.read_text(encoding="utf8") if file.exists() else ""
        newest, seen = {}, collections.Counter()
        for line in text.splitlines():
            record = json.loads(line)
            newest[record["feedback_id"]] = record
            seen[record["feedback_id"], record["sequence"]] += 1
        self.problems += [f"the feedback file has {key} {count} times" for key, count in seen.items() if count > 1]
        for case in self.cases:
            if case.rating:
                record = newest.get(case.rating["feedback_id"], {})
                got = {key: record.get(key) for key in ("rating", "was_helpful")}
                if got != {key: case.rating[key] for key in got} or record.get("outcome") != "improved":
                    self.problems.append(f"the rating {case.rating} stands in the file as {got}, outcome {record.get('outcome')}")
        ratings = sum(case.rating is not None for case in self.cases)
        statistics = self.get("/api/v1/feedback/statistics")["agent_statistics"]["RemediationAgent"]
        records = newest.values()
        wanted = {
            "total_outputs": len(records),
            "approved_count": sum(it["approved_commands_count"] for it in records),
            "rejected_count": sum(it["rejected_commands_count"] for it in records),
            "rated_count": ratings,
        }
        got = {key: statistics[key] for key in wanted}
        if got != wanted:
            self.problems.append(f"the statistics are {got}, the file and the clients say {wanted}")
        self.decisions_counted(newest)
        self.figures["ratings"] = ratings
        self.figures["feedback records"] = len(newest)
        stray = {it["workflow_id"] for it in records} - set(known)
        self.problems += [f"feedback of an unknown workflow {it}" for it in stray]

    def decisions_counted(self, newest):
        """Every decision that was answered is counted in its record, once."""
        by_workflow = {it["workflow_id"]: it for it in newest.values()}
        for case in self.cases:
            decisions = [it for decided in case.decided.values() for it in decided]
            record = by_workflow.get(case.workflow)
            if not decisions or not record:
                continue
            got = (record["approved_commands_count"], record["rejected_commands_count"])
            if got != (decisions.count("approve"), decisions.count("reject")):
                self.problems.append(f"{case.workflow}: decided {decisions}, counted {got}")
