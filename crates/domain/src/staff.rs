//! PINs: their form, and how often they may be tried.

use crate::error::AskerError;

/// Tries before a wait begins.
pub const PIN_TRIES_FREE: u32 = 5;
/// The first wait, after the fifth wrong PIN; each further one doubles it.
pub const PIN_WAIT_FIRST_MS: u64 = 30_000;
/// The longest wait.
pub const PIN_WAIT_MAX_MS: u64 = 3_600_000;

/// Checks that a PIN has 4 to 8 digits.
///
/// # Errors
/// [`AskerError::BadPin`].
pub fn check_pin(pin: &str) -> Result<(), AskerError> {
    if (4..=8).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(AskerError::BadPin)
    }
}

/// Counts wrong PINs of one employee on one device.
///
/// The moment is an argument: a clock that never goes backwards, in milliseconds. Whoever keeps
/// the guard across a restart keeps [`PinGuard::wrong`] and calls [`PinGuard::after_restart`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PinGuard {
    wrong: u32,
    wait_until_ms: u64,
}

impl PinGuard {
    /// A guard that had counted `wrong` PINs before the device was started again; the wait begins
    /// anew, since nobody knows how much of it had passed.
    pub fn after_restart(wrong: u32, now_ms: u64) -> Self {
        Self {
            wrong,
            wait_until_ms: now_ms.saturating_add(wait_ms(wrong)),
        }
    }

    /// Wrong PINs since the last right one.
    pub const fn wrong(&self) -> u32 {
        self.wrong
    }

    /// How long nobody may try, in milliseconds; 0 when a try is free.
    pub const fn wait_ms(&self, now_ms: u64) -> u64 {
        self.wait_until_ms.saturating_sub(now_ms)
    }

    /// Takes note of a wrong PIN. To be called when the try begins, so that many tries at once
    /// are not free; [`PinGuard::right`] forgives it.
    pub fn count_wrong(&mut self, now_ms: u64) {
        self.wrong = self.wrong.saturating_add(1);
        self.wait_until_ms = now_ms.saturating_add(wait_ms(self.wrong));
    }

    /// Takes note of the right PIN.
    pub fn right(&mut self) {
        *self = Self::default();
    }
}

fn wait_ms(wrong: u32) -> u64 {
    match wrong.checked_sub(PIN_TRIES_FREE) {
        None => 0,
        Some(beyond) => {
            let factor = 1_u64.checked_shl(beyond).unwrap_or(u64::MAX);
            PIN_WAIT_FIRST_MS
                .saturating_mul(factor)
                .min(PIN_WAIT_MAX_MS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_4_to_8_digits() {
        assert_eq!(check_pin("1234"), Ok(()));
        assert_eq!(check_pin("12345678"), Ok(()));
        for bad in ["", "123", "123456789", "12a4", "१२३४", " 1234"] {
            assert_eq!(check_pin(bad), Err(AskerError::BadPin), "{bad}");
        }
    }

    #[test]
    fn five_wrong_pins_bring_a_wait_that_grows_to_an_hour() {
        let mut guard = PinGuard::default();
        for _ in 0..4 {
            guard.count_wrong(1_000);
            assert_eq!(guard.wait_ms(1_000), 0);
        }
        let mut waits = Vec::new();
        for _ in 0..9 {
            guard.count_wrong(1_000);
            waits.push(guard.wait_ms(1_000) / 1_000);
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(guard.wait_ms(1_000 + 3_600_000), 0);
        for _ in 0..200 {
            guard.count_wrong(1_000);
        }
        assert_eq!(guard.wait_ms(1_000), PIN_WAIT_MAX_MS);
    }

    #[test]
    fn the_right_pin_forgives_and_a_restart_does_not() {
        let mut guard = PinGuard::default();
        for _ in 0..6 {
            guard.count_wrong(0);
        }
        let restarted = PinGuard::after_restart(guard.wrong(), 500);
        assert_eq!(restarted.wait_ms(500), 60_000);
        guard.right();
        assert_eq!(guard, PinGuard::default());
    }
}
