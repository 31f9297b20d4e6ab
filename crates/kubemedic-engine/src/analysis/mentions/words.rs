//! Words that stand where a name could stand and are never one. The list is data; structure decides the rest.

use std::{collections::HashSet, sync::LazyLock};

/// Prose and status words that follow a kind's word in messages (`pod is`, `node not ready`, `secret key`).
const PROSE: &str = "a about above affinity anti-affinity topology topologies disruption pressure lookup account accounts across add added after again all allow allowed already also an and \
annotation annotations any are as at attach attached attempt auto available back backoff bad balancer be because been \
before being below between bind binding bindings blocked both bound budget but by call called calls can cannot cert change \
changed changes check class client cluster code complete completed condition conditions config configuration connect \
connected connection container containers controller controllers count crash crashed crashes crashing create \
created creates creating creation credentials current data day days delete deleted deleting denied deny deployed \
deployment detail details did discovery disk do does domain down drain drained due during each either empty endpoint \
endpoints entry env error errors evicted eviction exceeded exceeds exist existing exists exited exits expired expires \
external fail failed failing fails failure failures false fault file files first following for forbidden found from full \
get gets given gone group had handler has have health healthy history host hosts hour id if image images in info ingress \
instance instances internal into invalid is issue issues it item items its itself job jobs just keep key keys kill killed \
kind label labels last latency latest left level like likely limit limits list listed load local lock log logs loop lost \
low made manager matched matches matching max may mesh message metrics minute minutes missing mode more mount mounted \
mounts name named names namespace namespaces near need needed needs network never new next no node nodes none not now null \
object objects of off ok old on once one only open operator optional or other our out over owned owner page path pending \
per phase place plane pod pods policy policies pool pools port ports present pressure principal probe problem process \
protected protection provider provisioner pull pulled quota range ranges rate reached reachable read ready reason \
recreated ref reference references rejected remain remains remove removed replica replicas request requested requests \
required requires resource resources response restart restarted restarting restarts result retry returned returns role \
rollout route routes rule rules run running runs runtime same sandbox sandboxes scheduled scheduling second seconds \
secret secrets security see selector selectors sent server service services set sets should shows shut shutdown side since \
size slice so some source spec start started starting starts startup state status statuses stays step still stop stopped \
stopping storage subset success succeeded successfully such sync system table target targets template terminated \
terminating termination than that the their then there these they this those through time timed timeout timeouts tls to \
token tokens too total traffic true try two type unable unavailable under unhealthy unknown unreachable until up update \
updated uri url usage use used user users uses using valid value values version via volume volumes wait waiting waits want \
wants was webhook were what when where which while will window with within without works would write yaml you your zero \
zone yes never admission patch apply scale scaled keeps serves gives name-ns stuck answers owns";

/// Prefixes that make `WORD-NUMBER` something else than a StatefulSet's pod: regions, encodings, counters, threads.
const COUNTED: &str = "af ap ca eu me sa us il cn attempt aes arm attempt batch build chapter client code column connection \
consumer core cpu day disk epoch error exec executor exit field gen gp group h http https in ip ipv iso java job key layer \
level line log md mode nio node offset p part partition phase pid pool port process producer pvc pv proto python rack replica \
request retry rev revision row rs rsa sda seq shard sha signal slot ssl stage step tcp term test thread tier tls tx udp \
uid ulimit unit utf v version vol volume worker x zone";

/// Words that no form of writing makes a name.
const FUNCTION_WORDS: &str = "a all an and any are as at be been but by can cannot could did does else error failed false for \
from had has have in into is isn it its may must name namespace no not null none of off on or shall should so than that the \
then there this to true undefined unknown unavailable was were when while will with within without would";

/// The words of one list, for looking up.
type Words = LazyLock<HashSet<&'static str>>;

static PROSE_WORDS: Words = LazyLock::new(|| PROSE.split_ascii_whitespace().collect());
static COUNTED_WORDS: Words = LazyLock::new(|| COUNTED.split_ascii_whitespace().collect());
static NO_NAMES: Words = LazyLock::new(|| FUNCTION_WORDS.split_ascii_whitespace().collect());

/// Whether the word is never a name, however clearly a kind's word stands before it.
pub(super) fn is_function_word(word: &str) -> bool {
    NO_NAMES.contains(word)
}

/// Whether the word is prose, never a name.
pub(super) fn is_prose(word: &str) -> bool {
    PROSE_WORDS.contains(word)
}

/// Whether a bare `WORD-NUMBER` with this beginning counts something instead of naming a pod.
pub(super) fn is_counter(stem: &str) -> bool {
    let first = stem.split('-').next().unwrap_or(stem);
    COUNTED_WORDS.contains(first) || COUNTED_WORDS.contains(stem)
}
