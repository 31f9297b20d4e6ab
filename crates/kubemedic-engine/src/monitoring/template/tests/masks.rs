//! What is masked by its look and place.

use crate::monitoring::Templates;

fn mined(message: &str) -> String {
    Templates::new().add(message).1.to_owned()
}

#[test]
fn print_masks() {
    for m in [
        "PacketResponder 1 for block blk_38865049064139660 terminating",
        "Accepted password for bob from 10.0.0.1 port 389 ssh2",
        "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=218.188.2.4  user=root",
        "onExtend:1514038530000 14 0 4",
        "auxiliary processor.........................0",
        "host.example.com:5070 close, 403 bytes sent, 426 bytes (1.2 KB) received, lifetime <1 sec",
        "ready=true,policy=3,wakefulness=1,ws=WorkSource{10113},tag=\"View Lock\"",
        "10.11.10.1 \"GET /v2/54fad/servers/detail HTTP/1.1\" status: 200 len: 1893 time: 0.2477829",
        "connection from 218.188.2.4 () at Mon Jun 20 00:00:00 2005",
        "'ExternalConnected': No, 'TimeRemaining': 5802,",
        "Can't find child 1566 in scoreboard",
        "jk2_init() Found child 6725 in scoreboard slot 10",
        "\"SyncLoop ADD\" source=\"api\" pods=[\"a/b\",\"c/d\"]",
        "a >= 5 and b != c => d == e",
        "Window{3f4 u0 com.x/y} {} () [] \"\"",
        "Invalid user  from 1.2.3.4",
        "Loaded v6.1.7601.23505 with Core: C:\\Windows\\x.dll",
    ] {
        println!("{m}\n   {}", mined(m));
    }
}
