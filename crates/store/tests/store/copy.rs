//! Copies: from either database to a file, and from the file to an empty database.

use store::Database;

use crate::fixture::{key, new_key, on_each_database, user};

#[tokio::test]
async fn a_copy_holds_one_moment_of_everything() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await;
        let first = key(&database, &new_key(owner.id, 1)).await;
        for n in 2..=100 {
            key(&database, &new_key(owner.id, n)).await;
        }
        let directory = tempfile::tempdir().unwrap();
        let mut moment = database.snapshot().await.unwrap();
        let node = domain::id::NodeId::new(crate::fixture::NOW, [1; 10]);
        assert_eq!(moment.shipped(node).await.unwrap(), None);
        // What comes after the moment is not in the copy.
        key(&database, &new_key(owner.id, 101)).await;
        let copy = database.copy_to(&mut moment, directory.path()).await.unwrap();
        drop(moment);
        let counts = copy.counts().await.unwrap();
        assert_eq!((counts.users, counts.keys, counts.calls), (1, 100, 0));
        assert_eq!(copy.api_key(first.id, None).await.unwrap(), first);
        copy.gather().await.unwrap();
        let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "all of it is in one file: {left:?}");

        let copy = Database::open_embedded(directory.path()).await.unwrap();
        let target = tempfile::tempdir().unwrap();
        let empty = Database::open_embedded(target.path()).await.unwrap();
        empty.take_over(&copy).await.unwrap();
        assert_eq!(empty.counts().await.unwrap(), counts);
        assert!(database.take_over(&copy).await.is_err(), "this database is not empty");
        assert_eq!(database.counts().await.unwrap().keys, 101);
        copy.close().await;
        empty.close().await;
    })
    .await;
}
