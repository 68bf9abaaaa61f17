//! Which columns the legend of a graph has beside names.

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The value of the last step.
    Last,
    /// The least value.
    Min,
    /// The mean of all values.
    Mean,
    /// The greatest value.
    Max,
}

impl Column {
    /// All of them, in their order.
    pub const ALL: [Column; 4] = [Column::Last, Column::Min, Column::Mean, Column::Max];
}

/// All columns, and their words in the store.
pub const COLUMNS: [(Column, &str); 4] =
    [(Column::Last, "last"), (Column::Min, "min"), (Column::Mean, "mean"), (Column::Max, "max")];

/// The columns that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns([bool; COLUMNS.len()]);

impl Default for Columns {
    fn default() -> Self {
        Columns([true; COLUMNS.len()])
    }
}

impl Columns {
    /// Of the stored words; unknown ones are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let words: Vec<&str> = text.split(',').map(str::trim).collect();
        Columns(COLUMNS.map(|(_, word)| words.contains(&word)))
    }

    /// The words to store.
    #[must_use]
    pub fn words(self) -> String {
        let words: Vec<&str> =
            COLUMNS.iter().zip(self.0).filter(|(_, is_shown)| *is_shown).map(|((_, word), _)| *word).collect();
        words.join(",")
    }

    /// Whether a column is shown.
    #[must_use]
    pub fn has(self, column: Column) -> bool {
        COLUMNS.iter().zip(self.0).any(|((one, _), is_shown)| *one == column && is_shown)
    }

    /// With a column more or less.
    #[must_use]
    pub fn with(mut self, column: Column, is_shown: bool) -> Self {
        for (slot, (one, _)) in self.0.iter_mut().zip(COLUMNS) {
            if one == column {
                *slot = is_shown;
            }
        }
        self
    }

    /// The columns that are shown, in their order.
    pub fn iter(self) -> impl Iterator<Item = Column> {
        COLUMNS.into_iter().zip(self.0).filter(|(_, is_shown)| *is_shown).map(|((column, _), _)| column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_kept_by_their_words() {
        assert_eq!(Columns::default().words(), "last,min,mean,max");
        let two = Columns::default().with(Column::Min, false).with(Column::Mean, false);
        assert_eq!(two.words(), "last,max");
        assert_eq!(Columns::parse("max, last,sum"), two);
        assert_eq!(Columns::parse("").iter().count(), 0);
        assert!(two.has(Column::Max) && !two.has(Column::Min));
    }
}
