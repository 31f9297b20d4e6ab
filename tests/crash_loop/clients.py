"""One person at the keyboard: posts, watches both streams, decides, rates, and writes down what was answered."""

import json
import random
import threading
import uuid

from inputs import KINDS, of


class Case:
    """One workflow as its client saw it."""

    def __init__(self, number):
        self.number = number
        self.workflow = None
        self.kills_before = 0
        self.kills_after = 0
        self.planned = []
        self.followed = []
        self.decided = {}
        self.rating = None
        self.resumed = 0
        self.done = False


class Client:
    """Runs cases one after another; everything that should not be is a problem, in words."""

    def __init__(self, name, seed, requests, external):
        self.rng = random.Random(seed)
        self.name = name
        self.requests = requests
        self.victim = requests.victim
        self.external = external
        self.cases = []
        self.problems = []
        self.lost = {"start": 0, "decide": 0, "propose": 0, "rate": 0}

    def run(self, numbers):
        for number in numbers:
            case = Case(number)
            self.cases.append(case)
            try:
                self.live(case)
                case.done = True
            except Exception as error:  # every surprise is a finding, and the other cases go on
                self.problems.append(f"case {number} ({case.workflow}): {type(error).__name__}: {error}")

    def live(self, case):
        self.start(case)
        follower = threading.Thread(target=self.follow, args=(case,), daemon=True)
        follower.start()
        case.planned, resumed = self.requests.stream(case.workflow, follow=False)
        case.resumed += resumed
        _, details, _ = self.requests.call("GET", f"/api/v1/workflows/{case.workflow}")
        if not self.external:
            for approval in details["approvals"]:
                case.decided[approval] = self.decide(approval)
            self.propose(case)
        self.rate(case)
        follower.join()
        case.kills_after = self.victim.total_kills()

    def follow(self, case):
        try:
            case.followed, resumed = self.requests.stream(case.workflow, follow=True)
            case.resumed += resumed
        except Exception as error:
            self.problems.append(f"case {case.number} ({case.workflow}): following: {error}")

    def start(self, case):
        headers, body = of(case.number, self.rng.choice(KINDS))
        case.kills_before = self.victim.total_kills()
        status, answer, lost = self.requests.call("POST", "/api/v1/workflows/start", body, headers)
        self.lost["start"] += lost
        if status != 202:
            raise AssertionError(f"start answers {status}: {answer}")
        case.workflow = answer["workflow_id"]
        if self.rng.random() < 0.3:
            self.victim.wanted.set()

    def propose(self, case):
        """Another program's proposal, which belongs to no workflow: sent again under its key as often as the answer is lost."""
        key = f"direct-{case.number}"
        commands = [
            {"command": f"kubectl get pods -n {key}", "explanation": "look"},
            {"command": f"kubectl rollout restart deployment/api -n {key}", "explanation": "repair"},
            {"command": f"kubectl rollout status deployment/api -n {key}", "explanation": "check"},
        ]
        body = {"action": "restart the api", "commands": commands, "metadata": {"service": "api", "proposal_key": key}}
        answers = set()
        for _ in range(2):
            status, answer, lost = self.requests.call("POST", "/api/approvals/propose", body, {"Idempotency-Key": key}, to="approvals")
            self.lost["propose"] += lost
            if status != 200:
                raise AssertionError(f"propose answers {status}: {answer}")
            answers.add(answer["approval_id"])
        if len(answers) != 1:
            raise AssertionError(f"one key, two approvals: {answers}")
        self.decide(answers.pop())

    def decide(self, identity):
        path = f"/api/approvals/{identity}"
        _, approval, _ = self.requests.call("GET", path, to="approvals")
        count = len(approval["commands"])
        action, body, wanted = self.choice(approval, count)
        for _ in range(20):
            status, answer, lost = self.requests.call("POST", f"{path}/{action}", body, to="approvals")
            self.lost["decide"] += lost
            if status == 200 or (status == 409 and lost and answer.get("status") not in (None, "pending")):
                break
            if status != 409 or answer.get("status") is not None:
                raise AssertionError(f"{action} of {identity} answers {status} after {lost} lost answers: {answer}")
        _, approval, _ = self.requests.call("GET", path, to="approvals")
        got = [command["decision"] for command in approval["commands"]]
        if got != wanted:
            raise AssertionError(f"{identity} was decided {wanted} but stands as {got}")
        if self.rng.random() < 0.3:
            self.victim.wanted.set()
        return wanted

    def choice(self, approval, count):
        """How to decide: the action, its body, and the decisions that must stand afterwards."""
        draw = self.rng.random()
        if draw < 0.35:
            return "approve", {"approver": self.name}, ["approve"] * count
        if draw < 0.55:
            return "reject", {"reason": "not today"}, ["reject"] * count
        chosen = [self.rng.random() < 0.7 for _ in range(count)]
        if draw < 0.75 and any(chosen):
            body = {"indexes": [index for index, it in enumerate(chosen) if it]}
            return "approve", body, ["approve" if it else "reject" for it in chosen]
        decisions = [
            {"index": index, "decision": "approve"} if it else {"index": index, "decision": "reject", "reason": "no"}
            for index, it in enumerate(chosen)
        ]
        body = {"approver": self.name, "plan_digest": approval["plan_digest"], "decisions": decisions}
        return "decide", body, ["approve" if it else "reject" for it in chosen]

    def rate(self, case):
        _, answer, _ = self.requests.call("GET", f"/api/v1/feedback/workflow/{case.workflow}")
        for opportunity in answer["feedback_opportunities"]:
            rating = {
                "feedback_id": opportunity["feedback_id"],
                "rating": self.rng.randint(1, 5),
                "was_helpful": self.rng.random() < 0.5,
                "rater": self.name,
            }
            self.expect_200("/api/v1/feedback/submit", rating)
            case.rating = rating
            outcome = {"feedback_id": opportunity["feedback_id"], "outcome": "improved", "event_id": str(uuid.UUID(int=self.rng.getrandbits(128)))}
            answer, lost = self.expect_200("/api/v1/feedback/outcome", outcome)
            if answer.get("duplicate") and not lost:
                raise AssertionError("an outcome that was told once is called a duplicate")

    def expect_200(self, path, body):
        status, answer, lost = self.requests.call("POST", path, body)
        self.lost["rate"] += lost
        if status != 200:
            raise AssertionError(f"POST {path} answers {status}: {json.dumps(answer)[:300]}")
        return answer, lost
