"""Who manages a company reads and answers what colleagues ask, through the API as through the portal; nobody else does."""

from helpdesk.services import tickets
from tests.api.client import Program, as_
from tests.cast import Cast


def test_a_company_manager_reads_and_answers_colleagues(program: Program, cast: Cast) -> None:
    hers = as_(cast.rita, tickets.create, title="Hers", description="x")
    his = as_(cast.carl, tickets.create, title="His", description="x")
    others = as_(cast.zoe, tickets.create, title="Nobody's", description="x")
    as_(cast.ada, tickets.note, hers, "Internal")
    carl = program.signed_in("carl@northwind.example")
    listed = [one["reference"] for one in carl.ask("GET", "/api/v1/tickets").json()["items"]]
    assert hers in listed and his in listed and others not in listed
    assert carl.ask("GET", f"/api/v1/tickets/{hers}").status_code == 200
    assert carl.ask("GET", f"/api/v1/tickets/{hers}/comments").json()["items"] == [], "notes are the staff's"
    answered = carl.ask("POST", f"/api/v1/tickets/{hers}/comments", json={"body": "We need it today."})
    assert answered.status_code == 201, answered.text
    assert carl.ask("GET", f"/api/v1/tickets/{others}").status_code == 404
    assert carl.ask("POST", f"/api/v1/tickets/{others}/comments", json={"body": "x"}).status_code == 404
    rita = program.signed_in("rita@northwind.example")
    assert rita.ask("GET", f"/api/v1/tickets/{his}").status_code == 404
    assert rita.ask("POST", f"/api/v1/tickets/{his}/comments", json={"body": "x"}).status_code == 404
    assert [one["reference"] for one in rita.ask("GET", "/api/v1/tickets").json()["items"]] == [hers]
    for path in (
        "customers",
        "customer-companies",
        f"customers/{cast.rita.person_id}",
        f"tickets/{hers}/waiting-replies",
    ):
        assert carl.ask("GET", f"/api/v1/{path}").status_code == 403, "what the staff knows is the staff's"
