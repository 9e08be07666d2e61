//! The clock that only goes forward: for deadlines, ages and durations, never for a date.

/// A point in time that no setting of the machine's clock moves. It is the one that tokio's timers know, so that a test that
/// stands time still, or moves it, does so for both.
pub(crate) type Moment = tokio::time::Instant;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_test_that_moves_time_moves_it_too() {
        let begun = Moment::now();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(3_600));
    }
}
