//! Golden bytes and bounds of every message.

use base::{LogId, Mark, Stream};

use super::*;

fn log(device: u8) -> LogId {
    LogId::new(DeviceId([device; 16]), Stream::Sales)
}

fn vector(runs: &[(u64, u64)]) -> Vector {
    let run = |(first, last): &(u64, u64)| Run {
        first: *first,
        last: *last,
        mark: Mark([7; 8]),
    };
    [(log(2), runs.iter().map(run).collect())]
        .into_iter()
        .collect()
}

fn hello() -> Hello {
    Hello {
        protocol: 1,
        reader: 1,
        features: 0,
        ed25519: [1; 32],
        x25519: [2; 32],
        commitment: [3; 32],
        session: 4,
        salt: [5; 16],
        shops: vec![ShopHint([6; 8]), ShopHint([7; 8])],
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[track_caller]
fn golden(message: &Message, expected: &str) {
    let bytes = message.to_bytes();
    assert_eq!(hex(&bytes), expected);
    assert_eq!(Message::from_bytes(&bytes), Ok(Some(message.clone())));
    for cut in 0..bytes.len() {
        assert!(Message::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn golden_bytes_of_a_hello() {
    let [one, two, three, five] = [1, 2, 3, 5].map(|n: u8| format!("{n:02x}"));
    let keys = format!("035820{}045820{}", one.repeat(32), two.repeat(32));
    let rest = format!("055820{}06040750{}", three.repeat(32), five.repeat(16));
    let shops = "088248060606060606060648070707070707".to_owned() + "0707";
    assert_eq!(
        hex(&hello().to_bytes()),
        format!("a9000101010200{keys}{rest}{shops}")
    );
    assert_eq!(Hello::from_bytes(&hello().to_bytes()), Ok(hello()));
}

#[test]
fn golden_bytes_of_the_handshake() {
    golden(
        &Message::Hello(vec![9, 8]),
        "8200814209 08".replace(' ', "").as_str(),
    );
    golden(
        &Message::Reveal([1; 32]),
        &format!("8201815820{}", "01".repeat(32)),
    );
    let proof = Message::Proof {
        signature: [2; 64],
        code: Some([3; 32]),
    };
    let code = "03".repeat(32);
    golden(&proof, &format!("8202825840{}5820{code}", "02".repeat(64)));
    let bare = Message::Proof {
        signature: [2; 64],
        code: None,
    };
    golden(&bare, &format!("8202815840{}", "02".repeat(64)));
}

#[test]
fn golden_bytes_of_the_exchange() {
    let id = "02".repeat(16);
    let mark = "07".repeat(8);
    let told = Message::Vector {
        vector: vector(&[(1, 3)]),
        whole: true,
        asks: false,
    };
    golden(
        &told,
        &format!("820583a100a18250{id}018183010348{mark}f5f4"),
    );
    let range = Range::new(log(2), crate::spans::Span::new(4, 9));
    let want = Message::Want {
        ranges: vec![range],
        bulk_limit: 65_536,
        begun: Vec::new(),
    };
    golden(&want, &format!("82068381838250{id}0104091a0001000080"));
    // As a release says it that knows nothing of beginnings.
    let before = format!("82068281838250{id}0104091a00010000");
    let before = data_encoding::HEXLOWER.decode(before.as_bytes()).unwrap();
    assert_eq!(Message::from_bytes(&before), Ok(Some(want)));
    let begun = Begun {
        range,
        bytes: 16_384,
        hash: [7; 32],
    };
    let of = format!("83838250{id}010409{}5820{}", "194000", "07".repeat(32));
    let want = Message::Want {
        ranges: vec![range],
        bulk_limit: 65_536,
        begun: vec![begun],
    };
    golden(&want, &format!("82068381838250{id}0104091a0001000081{of}"));
    let rest = Message::Rest {
        of: begun,
        bytes: vec![1, 2],
    };
    golden(&rest, &format!("821282{of}420102"));
    let list = Message::Segments {
        segments: vec![vec![1, 2].into()],
        done: 3,
    };
    golden(&list, "8207828142010203");
    golden(
        &Message::Credit {
            live_limit: 5,
            bulk_limit: 6,
        },
        "8208820506",
    );
    golden(&Message::Statement(vec![1]), "8209814101");
    golden(
        &Message::Passed(vec![vec![1].into(), vec![].into()]),
        "82108182410140",
    );
}

#[test]
fn golden_bytes_of_links_pairing_and_scripts() {
    golden(&Message::Ping(5), "82038105");
    let pong = Message::Pong {
        number: 5,
        wall_ms: 9,
    };
    golden(&pong, "8204820509");
    let [from, to] = [DeviceId([1; 16]), DeviceId([2; 16])];
    let signal = Message::Signal {
        from,
        to,
        sealed: vec![3],
    };
    let ids = format!("50{}50{}", "01".repeat(16), "02".repeat(16));
    golden(&signal, &format!("820a83{ids}4103"));
    golden(&Message::Introduction("Ti".into()), "820b81625469");
    let share = Message::Share {
        shop: ShopId([4; 16]),
        vector: Vector::default(),
    };
    golden(&share, &format!("820c8250{}a100a0", "04".repeat(16)));
    let reference = EntryRef {
        log: log(2),
        seq: 5,
        mark: Mark([7; 8]),
    };
    let entry = format!("838250{}010548{}", "02".repeat(16), "07".repeat(8));
    golden(&Message::Admitted(reference), &format!("820d81{entry}"));
    let script = Message::Script {
        kind: "k".into(),
        data: "{}".into(),
    };
    golden(&script, "820e82616b627b7d");
    golden(&Message::Refused(Refusal::Crowded), "820f8103");
}

#[test]
fn a_kind_of_a_newer_release_is_passed_over() {
    assert_eq!(Message::from_bytes(&[0x82, 0x18, 0x20, 0x80]), Ok(None));
    assert!(Message::from_bytes(&[]).is_err());
}

#[test]
fn vectors_that_cannot_be_true_are_refused() {
    let refused = |runs: &[(u64, u64)]| {
        let message = Message::Vector {
            vector: vector(runs),
            whole: false,
            asks: false,
        };
        Message::from_bytes(&message.to_bytes()).is_err()
    };
    assert!(!refused(&[(1, 1), (3, 4)]));
    assert!(refused(&[(0, 1)]), "numbers begin at 1");
    assert!(refused(&[(5, 4)]), "backwards");
    assert!(!refused(&[(1, 2), (3, 4), (3, 5)]), "two branches");
    assert!(refused(&[(1, 2), (1, 2)]), "said twice");
    assert!(refused(&[(4, 6), (1, 2)]), "unsorted");
    assert!(refused(&[(1, u64::MAX)]), "beyond every number");
    let many: Vec<_> = (0..=RUNS_PER_LOG_MAX as u64)
        .map(|n| (3 * n + 1, 3 * n + 1))
        .collect();
    assert!(refused(&many), "too many holes");
}

#[test]
fn lists_beyond_their_bounds_are_refused() {
    let refused = |message: &Message| Message::from_bytes(&message.to_bytes()).is_err();
    let range = Range::new(log(1), crate::spans::Span::new(1, 1));
    assert!(refused(&Message::Want {
        ranges: vec![range; WANT_RANGES_MAX + 1],
        bulk_limit: 0,
        begun: Vec::new()
    }));
    let wrong = Range::new(log(1), crate::spans::Span::new(2, 1));
    assert!(refused(&Message::Want {
        ranges: vec![wrong],
        bulk_limit: 0,
        begun: Vec::new()
    }));
    let segments = vec![ByteVec::from(vec![1]); EFFECT_ITEMS_MAX + 1];
    assert!(refused(&Message::Segments { segments, done: 0 }));
    assert!(refused(&Message::Segments {
        segments: vec![],
        done: WANT_RANGES_MAX as u32 + 1
    }));
    let sealed = vec![0; SIGNAL_BYTES_MAX + 1];
    let [from, to] = [DeviceId([1; 16]), DeviceId([2; 16])];
    assert!(refused(&Message::Signal { from, to, sealed }));
    assert!(refused(&Message::Introduction(
        "x".repeat(NAME_BYTES_MAX + 1)
    )));
    let data = "x".repeat(SCRIPT_MESSAGE_BYTES_MAX);
    assert!(refused(&Message::Script {
        kind: "k".into(),
        data
    }));
}

#[test]
fn a_hello_with_unsorted_shops_is_refused() {
    let mut bad = hello();
    bad.shops.reverse();
    assert!(Hello::from_bytes(&bad.to_bytes()).is_err());
    bad.shops = vec![ShopHint([1; 8]); 2];
    assert!(Hello::from_bytes(&bad.to_bytes()).is_err());
}
