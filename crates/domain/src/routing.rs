//! In which order the channels that could serve a call are tried.

/// What the choice knows of one channel.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<T> {
    /// The channel itself, or a handle on it.
    pub channel: T,
    /// Higher is tried first.
    pub priority: i64,
    /// Share of the calls among channels of the same priority.
    pub weight: u32,
    /// 1.0 is healthy, 0.0 is not.
    pub health: f64,
}

/// Orders candidates: by priority, and within one priority at random by weight × health.
///
/// `random` gives numbers in 0 ≤ x < 1. A channel of weight 0 or of no health comes last in its
/// priority, as the last resort rather than never.
pub fn order<T: Copy>(candidates: &mut [Candidate<T>], mut random: impl FnMut() -> f64) {
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.priority));
    for group in candidates.chunk_by_mut(|a, b| a.priority == b.priority) {
        // Efraimidis–Spirakis: sorting by u^(1/w) draws without replacement in proportion to w.
        let mut keyed: Vec<(f64, Candidate<T>)> = group
            .iter()
            .map(|candidate| {
                let weight = f64::from(candidate.weight) * candidate.health;
                let key = if weight > 0.0 { random().powf(1.0 / weight) } else { -1.0 };
                (key, *candidate)
            })
            .collect();
        keyed.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (slot, (_, candidate)) in group.iter_mut().zip(keyed) {
            *slot = candidate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(channel: u8, priority: i64, weight: u32, health: f64) -> Candidate<u8> {
        Candidate { channel, priority, weight, health }
    }

    #[test]
    fn priority_comes_before_weight() {
        let mut list = [candidate(1, 0, 100, 1.0), candidate(2, 5, 1, 1.0)];
        order(&mut list, || 0.5);
        assert_eq!(list[0].channel, 2);
    }

    #[test]
    fn weights_share_the_calls() {
        let mut state = 12_345_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut first = 0;
        for _ in 0..10_000 {
            let mut list = [candidate(1, 0, 3, 1.0), candidate(2, 0, 1, 1.0)];
            order(&mut list, &mut random);
            first += u32::from(list[0].channel == 1);
        }
        assert!((7_300..7_700).contains(&first), "{first}");
    }

    #[test]
    fn the_sick_and_the_weightless_come_last() {
        let mut list = [candidate(1, 0, 9, 0.0), candidate(2, 0, 1, 1.0), candidate(3, 0, 0, 1.0)];
        order(&mut list, || 0.1);
        assert_eq!(list[0].channel, 2);
    }
}
