//! Statements that write many rows of a table: their text is made once for each number of rows, so that the database
//! plans it once as well.

use papertape_pipeline::Portions;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IdenStatic,
    Iterable, QueryTrait, Statement, Value,
};

/// How many rows one statement writes, most first: whatever number is made up of these.
const SIZES: [usize; 4] = [128, 32, 8, 1];

/// Most rows of one statement to SQLite, which is in this process: more would save little, and whoever hands over a
/// statement's values does not offer his processor meanwhile. To a server each statement is a way there and back.
const SQLITE_MOST: usize = 32;

/// Rows after which others may have the processor.
pub(super) const PORTION: u32 = 16;

/// Writes rows into a table. All of them set the same columns.
pub(super) struct Statements<A: ActiveModelTrait> {
    known: OnConflict,
    columns: Vec<<A::Entity as EntityTrait>::Column>,
    /// By size.
    texts: [Option<String>; SIZES.len()],
}

impl<A: ActiveModelTrait> Statements<A> {
    /// Of two rows with the same `key` the first one stays.
    pub(super) fn first_stays<const K: usize>(key: [<A::Entity as EntityTrait>::Column; K]) -> Self {
        Self::new(OnConflict::columns(key).do_nothing().to_owned())
    }

    /// Of two rows with the same `key` the last one stays, but for the `fixed` columns, which are the same in both.
    /// The key is fixed anyway: to a database it would be another row, with new entries in each index.
    pub(super) fn last_stays<const K: usize>(
        key: [<A::Entity as EntityTrait>::Column; K],
        fixed: &[<A::Entity as EntityTrait>::Column],
    ) -> Self {
        let is_fixed = |column: &<A::Entity as EntityTrait>::Column| {
            let same = |other: &<A::Entity as EntityTrait>::Column| column.as_str() == other.as_str();
            key.iter().any(same) || fixed.iter().any(same)
        };
        let changing = <A::Entity as EntityTrait>::Column::iter().filter(|column| !is_fixed(column));
        Self::new(OnConflict::columns(key).update_columns(changing).to_owned())
    }

    fn new(known: OnConflict) -> Self {
        Self { known, columns: Vec::new(), texts: [const { None }; SIZES.len()] }
    }

    /// Writes the rows.
    pub(super) async fn write(
        &mut self,
        transaction: &DatabaseTransaction,
        mut rows: impl ExactSizeIterator<Item = impl Into<A>> + Send,
    ) -> Result<(), DbErr> {
        let backend = transaction.get_database_backend();
        for (index, size) in SIZES.into_iter().enumerate() {
            if backend == DbBackend::Sqlite && size > SQLITE_MOST {
                continue;
            }
            while rows.len() >= size {
                let statement = self.statement(backend, index, rows.by_ref().take(size).map(Into::into));
                // Here what it has made becomes what the database takes: a portion of its own.
                std::thread::yield_now();
                transaction.execute_raw(statement).await?;
            }
        }
        Ok(())
    }

    fn statement(&mut self, backend: DbBackend, index: usize, chunk: impl Iterator<Item = A>) -> Statement {
        if let Some(Some(text)) = self.texts.get(index) {
            return Statement::from_sql_and_values(backend, text, self.values(chunk));
        }
        let chunk: Vec<A> = chunk.collect();
        if let Some(row) = chunk.first() {
            let columns = <A::Entity as EntityTrait>::Column::iter();
            self.columns = columns.filter(|column| !row.get(*column).is_not_set()).collect();
        }
        let built = A::Entity::insert_many(chunk).on_conflict(self.known.clone()).build(backend);
        if let Some(text) = self.texts.get_mut(index) {
            *text = Some(built.sql.clone());
        }
        built
    }

    /// Row by row, in the order of the columns, as the text names them.
    fn values(&self, chunk: impl Iterator<Item = A>) -> Vec<Value> {
        let mut values = Vec::with_capacity(chunk.size_hint().0 * self.columns.len());
        let mut portions = Portions::of(PORTION);
        for mut row in chunk {
            portions.step();
            for column in &self.columns {
                if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.take(*column) {
                    values.push(value);
                }
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::portfolio::{ActiveModel, Column, Entity, Model};

    fn row(user_id: i64) -> ActiveModel {
        let model = Model {
            id: 0,
            user_id,
            symbol: "BTC-USD".to_owned(),
            quantity: 1.5,
            avg_price: 2.5,
            quantity_text: "1.5".to_owned(),
            avg_price_text: "2.5".to_owned(),
            realized_text: "0".to_owned(),
            seq: 7,
        };
        ActiveModel { id: ActiveValue::NotSet, ..model.into() }
    }

    #[test]
    fn a_text_that_is_used_again_gets_its_values_in_its_own_order() {
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            let mut statements = Statements::last_stays([Column::UserId, Column::Symbol], &[Column::Id]);
            let first = statements.statement(backend, 2, (1..=8).map(row));
            let again = statements.statement(backend, 2, (11..=18).map(row));
            let anew = Entity::insert_many((11..=18).map(row)).on_conflict(statements.known.clone()).build(backend);
            assert_eq!(again.sql, first.sql);
            assert_eq!((again.sql, again.values), (anew.sql, anew.values));
        }
    }

    #[test]
    fn the_key_and_what_is_fixed_is_not_written_over() {
        let mut statements = Statements::last_stays([Column::UserId, Column::Symbol], &[Column::Id]);
        let text = statements.statement(DbBackend::Sqlite, 3, std::iter::once(row(1))).sql;
        let (_, set) = text.split_once("DO UPDATE SET").unwrap_or_default();
        assert!(set.contains("\"seq\" = \"excluded\".\"seq\""), "{text}");
        assert!(!["\"id\" =", "\"user_id\" =", "\"symbol\" ="].iter().any(|name| set.contains(name)), "{text}");
    }
}
