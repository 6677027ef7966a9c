//! Where in a label the names stand that figures are kept by.

/// Names told apart in one label; further ones are in no figure of their own.
const NAMED: usize = 4;

/// The places of names within a label: event types in `click×2 page×1`. Without any, the whole
/// label is the name. A copy costs no allocation, which is why it is places and not texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    places: [(u16, u16); NAMED],
    count: u8,
}

impl Kinds {
    /// Adds the name at these bytes of the label; what lies beyond the bounds is left out.
    pub fn add(&mut self, start: usize, end: usize) {
        let (Ok(start), Ok(end)) = (u16::try_from(start), u16::try_from(end)) else {
            return;
        };
        if let Some(free) = self.places.get_mut(usize::from(self.count)) {
            *free = (start, end);
            self.count += 1;
        }
    }

    /// The names in `label`, the one these places were made for.
    pub fn of(self, label: &str) -> impl Iterator<Item = &str> {
        let whole = (self.count == 0).then_some(label);
        let places = self.places.into_iter().take(usize::from(self.count));
        let named = places.filter_map(|(start, end)| label.get(usize::from(start)..end.into()));
        whole.into_iter().chain(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_give_the_names_back() {
        let mut kinds = Kinds::default();
        assert_eq!(kinds.of("empty").collect::<Vec<_>>(), ["empty"]);
        kinds.add(0, 5);
        kinds.add(9, 13);
        kinds.add(70_000, 70_001);
        let label = "click×2 page×1";
        assert_eq!(kinds.of(label).collect::<Vec<_>>(), ["click", "page"]);
        assert_eq!(kinds.of("cl").count(), 0);
    }
}
