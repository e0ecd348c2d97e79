"""What there is to draw with, and what the API says of itself."""

from support.server_thread import Served

from shared_py.blocks import BLOCKS
from shared_py.training_config import TrainConfig


def test_every_block_and_template_is_offered(server: Served) -> None:
    catalogue = server.get("/api/blocks").json()
    assert {block["type"] for block in catalogue["blocks"]} == {block.type for block in BLOCKS}
    assert all(template["components"] for template in server.get("/api/templates").json())


def test_health_tells_version_and_epoch(server: Served) -> None:
    health = server.get("/api/health").json()
    assert health["status"] == "ok"
    assert health["version"]
    assert health["epoch"] == server.sync()["epoch"]


def test_openapi_describes_every_route_and_its_errors(server: Served) -> None:
    schema = server.get("/schema/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    put = schema["paths"]["/api/designs/{design_id}"]["put"]
    assert {"412", "422", "428"} <= set(put["responses"])
    body = put["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/ModelArchitecture"}
    sync = schema["paths"]["/api/sync"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert sync == {"$ref": "#/components/schemas/SyncRequest"}
    assert len(schema["paths"]) >= 15


def test_openapi_says_that_training_needs_no_body_and_that_what_is_left_out_has_no_fixed_value(server: Served) -> None:
    schema = server.get("/schema/openapi.json").json()
    train = schema["paths"]["/api/designs/{design_id}/train"]["post"]["requestBody"]
    assert train["required"] is False
    settings = schema["components"]["schemas"][train["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    assert settings["properties"].keys() == set(TrainConfig.__struct_fields__)
    assert not settings.get("required")
    assert not [name for name, form in settings["properties"].items() if "default" in form]
    assert settings["properties"]["gamma"]["maximum"] == 1
    sync = schema["paths"]["/api/sync"]["post"]["requestBody"]
    assert sync["required"] is True
