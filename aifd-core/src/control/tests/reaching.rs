//! Who reaches what while a store is held, damaged or in the way.

use super::*;

#[tokio::test]
async fn a_store_that_is_held_without_a_socket_is_told_so() {
    let place = Place::new();
    let on = place.open();
    let error = Admin::reach_within(&place.config, Duration::ZERO).await.err().unwrap();
    assert!(matches!(error, ReachError::Store(StoreError::Held { pid: Some(_), .. })), "{error}");
    drop(on);
    assert!(!place.admin().await.is_live());
}

#[tokio::test]
async fn a_command_waits_for_a_server_that_starts() {
    let place = Place::new();
    let on = place.open();
    // The store is held and there is no socket yet, until the command has begun to wait.
    let reach = place.admin();
    let start = async {
        tokio::task::yield_now().await;
        ControlServer::start(&on).unwrap().unwrap()
    };
    let (admin, server) = tokio::join!(reach, start);
    assert!(admin.is_live());
    drop(server);
}

#[tokio::test]
async fn a_server_that_stops_between_being_found_and_asked_costs_nobody_a_request() {
    let place = Place::new();
    let on = place.open();
    let server = ControlServer::start(&on).unwrap().unwrap();
    let admin = place.admin().await;
    assert!(admin.is_live());
    drop(server);
    drop(on);
    let created = admin.ask(create([draft("late", "")])).await.unwrap();
    assert_eq!(views(created)[0].name, "late");
    // Another one that came in its place is asked as well.
    let on = place.open();
    let server = ControlServer::start(&on).unwrap().unwrap();
    assert_eq!(stored_names(&on), ["late"]);
    assert_eq!(views(admin.ask(Request::ShowKey { key: name("late") }).await.unwrap())[0].name, "late");
    drop(server);
}

#[test]
fn two_servers_do_not_share_a_store() {
    let place = Place::new();
    let _first = place.open();
    let second = Administration::open(&place.config, Duration::ZERO).err().unwrap();
    assert!(matches!(second, StoreError::Held { .. }), "{second}");
}

#[tokio::test]
async fn a_damaged_store_is_told_so() {
    let place = Place::new();
    drop(place.admin().await);
    std::fs::write(place.data_dir().join("state/change"), "99").unwrap();
    let error = place.admin_error().await;
    assert!(matches!(error, ReachError::Store(StoreError::Damaged { .. })), "{error}");
    assert!(error.hint().contains("backup"));
}

#[tokio::test]
async fn a_data_folder_that_is_a_file_is_told_so() {
    let place = Place::new();
    std::fs::write(place.folder.path().join("data"), "").unwrap();
    let error = place.admin_error().await;
    assert!(matches!(error, ReachError::Store(StoreError::Folder { .. })), "{error}");
}

impl Place {
    async fn admin_error(&self) -> ReachError {
        Admin::reach(&self.config).await.err().unwrap()
    }
}
