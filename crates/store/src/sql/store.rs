use async_trait::async_trait;
use engine::store::{Cluster, Store, StoreError};

use super::{Connection, Database, while_doing};

/// Writes something that is of no use but to see whether writing works.
pub async fn touch(db: &mut Connection) -> Result<(), sqlx::Error> {
    let count = statement!(
        "INSERT INTO probe (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = probe.count + 1"
    );
    count.execute(db).await.map(drop)
}

#[async_trait]
impl Store for Database {
    async fn ping(&self) -> Result<(), StoreError> {
        let write = self.writer.write(|db| Box::pin(touch(db)));
        write.await.map_err(while_doing("the database cannot be written"))?;
        let read = value!(r#"SELECT count AS "count!" FROM probe WHERE id = 1"#).fetch_one(&self.reads);
        read.await.map(drop).map_err(while_doing("the database cannot be read"))
    }

    fn cluster(&self) -> Option<&dyn Cluster> {
        self.shared()
    }
}
