//! The limits against a reference ledger of a few lines, and under real parallelism.

use super::*;
use domain::id::UserId;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn windows(hours: i64) -> (UnixMillis, Windows) {
    let now = UnixMillis::new(1_700_000_000_000 + hours * 3_600_000);
    (now, Windows::at(now, &TimeZone::UTC))
}

fn key(credited: Option<i64>) -> KeyBook {
    let user = UserBook::new(
        UserId::new(UnixMillis::new(1), [0; 10]),
        credited.map(Nanos::new),
        Lease::default(),
    );
    KeyBook::new(
        KeyId::new(UnixMillis::new(1), [0; 10]),
        Arc::new(user),
        &Counters::default(),
        &windows(0).1,
    )
}

fn caps(quota: Option<i64>, daily: Option<i64>) -> Caps {
    Caps { quota, daily_amount: daily, ..Caps::default() }
}

#[test]
fn the_limit_that_binds_is_named() {
    let book = key(Some(50));
    let (now, windows) = windows(0);
    let reserve = |caps, bound| {
        book.reserve(caps, Nanos::new(bound), now, &windows, |_| None)
            .map_err(|s| (s.limit, s.free.get()))
    };
    assert_eq!(reserve(caps(Some(10), None), 11), Err((Limit::KeyQuota, 10)));
    assert_eq!(reserve(caps(None, Some(9)), 11), Err((Limit::DailyAmount, 9)));
    assert_eq!(reserve(Caps::default(), 51), Err((Limit::Balance, 50)));
    let no_calls = Caps { monthly_requests: Some(0), ..Caps::default() };
    assert_eq!(reserve(no_calls, 1), Err((Limit::MonthlyRequests, 50)));
    assert_eq!(book.snapshot(&windows), KeySnapshot::default());
}

#[test]
fn a_new_day_is_a_new_limit_and_old_calls_stay_in_the_old_one() {
    let book = key(None);
    let caps = caps(None, Some(10));
    let (evening, today) = windows(0);
    let old = book.reserve(caps, Nanos::new(10), evening, &today, |_| None).unwrap();
    assert!(book.reserve(caps, Nanos::new(1), evening, &today, |_| None).is_err());
    let (morning, tomorrow) = windows(24);
    let new = book.reserve(caps, Nanos::new(10), morning, &tomorrow, |_| None).unwrap();
    book.settle(&old, Nanos::new(4), true);
    book.settle(&new, Nanos::new(3), true);
    let snapshot = book.snapshot(&tomorrow);
    assert_eq!((snapshot.day.amount.settled(), snapshot.total.amount.settled()), (3, 7));
    assert_eq!(snapshot.total.requests.settled(), 2);
    // A clock that is set back does not bring yesterday's limit back.
    let third = book.reserve(caps, Nanos::new(7), evening, &today, |_| None).unwrap();
    assert_eq!(third.day, tomorrow.day);
}

#[test]
fn a_thousand_parallel_calls_on_a_budget_for_ten_let_ten_through() {
    let book = key(Some(10_000));
    let (now, windows) = windows(0);
    let admitted = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..125 {
                    if let Ok(held) =
                        book.reserve(Caps::default(), Nanos::new(1_000), now, &windows, |_| None)
                    {
                        book.settle(&held, Nanos::new(1_000), true);
                        admitted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(admitted.into_inner(), 10);
    assert_eq!(book.user().free(), Some(Nanos::ZERO));
}

#[derive(Debug, Clone)]
enum Step {
    Reserve(i64),
    Settle(usize, i64, bool),
    Doubt(usize),
    Enlarge(usize, i64),
    TopUp(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_i64..60).prop_map(Step::Reserve),
        (0_usize..8, 0_i64..60, any::<bool>())
            .prop_map(|(at, cost, counted)| Step::Settle(at, cost, counted)),
        (0_usize..8).prop_map(Step::Doubt),
        (0_usize..8, 0_i64..90).prop_map(|(at, bound)| Step::Enlarge(at, bound)),
        (0_i64..40).prop_map(Step::TopUp),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// The reference: a list of what is under way and three sums. Every limit, every step.
    #[test]
    fn the_books_agree_with_the_reference(quota in prop::option::of(0_i64..200), daily in prop::option::of(0_i64..200), steps in steps()) {
        let (now, windows) = windows(0);
        let book = key(Some(100));
        let caps = caps(quota, daily);
        let (mut credited, mut settled, mut doubted) = (100, 0, 0);
        let mut under_way: Vec<Held> = Vec::new();
        for step in steps {
            let reserved: i64 = under_way.iter().map(|held| held.amount.get()).sum();
            let taken = settled + doubted + reserved;
            let free = [Some(credited), quota, daily].into_iter().flatten().map(|cap| (cap - taken).max(0)).min().unwrap();
            match step {
                Step::Reserve(bound) => {
                    let got = book.reserve(caps, Nanos::new(bound), now, &windows, |_| None);
                    prop_assert_eq!(got.is_ok(), bound <= free);
                    under_way.extend(got.ok());
                }
                Step::Settle(at, cost, counted) if at < under_way.len() => {
                    let held = under_way.remove(at);
                    let charged = cost.min(held.amount.get());
                    book.settle(&held, Nanos::new(charged), counted);
                    settled += charged;
                }
                Step::Doubt(at) if at < under_way.len() => {
                    let held = under_way.remove(at);
                    book.doubt(&held);
                    doubted += held.amount.get();
                }
                Step::Enlarge(at, bound) if at < under_way.len() => {
                    let before = under_way[at].amount.get();
                    let after = book.enlarge(&mut under_way[at], Nanos::new(bound)).get();
                    prop_assert_eq!(after, before.max(bound.min(before + free)));
                }
                Step::TopUp(amount) => {
                    credited += amount;
                    book.user().set_credited(Some(Nanos::new(credited)));
                }
                _ => {}
            }
            prop_assert!(settled + doubted <= credited);
        }
        for held in under_way.drain(..) {
            book.settle(&held, Nanos::ZERO, false);
        }
        let snapshot = book.snapshot(&windows);
        prop_assert_eq!(snapshot.total.amount, Lease::new(settled, doubted));
        prop_assert_eq!(snapshot.day.amount, Lease::new(settled, doubted));
        prop_assert_eq!(snapshot.total.requests.reserved(), 0);
    }
}
