"""A stand-in for EasyPost on this machine that sells stub labels, keeps a book of every one, and fails as it is told.

It answers on a thread of its own, so that a server under test can be killed while the carrier lives on. The shapes of
its answers are those of recorded traffic (tests/e2e/test_easypost_double.py holds them to it). Nobody has recorded
what follows, so the double chooses, and chooses the strict reading: the status of every ``SHIPMENT.…`` error is 422;
only rates of the last rating can be bought; a shipment with a label can neither be rated nor bought again, not even
after a refund; a refund that was asked for cannot be asked for twice unless it was rejected.
"""

import asyncio
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from types import MappingProxyType, TracebackType
from typing import Any, Final, Literal, cast
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from tests.support.double_process import DoubleProcess, Reply, Request, Silence

__all__ = ["LABEL", "Call", "EasyPostDouble", "Endpoint", "Fault", "Label", "RefundStatus", "check_digit"]

Endpoint = Literal["create", "read", "rerate", "buy", "refund", "track", "label", "none"]
"""``label`` is the picture; ``none`` is whatever the double does not have."""

Fault = Literal[
    "hang_before", "hang_after", "reset_before", "reset_after", "bad_gateway_before", "bad_gateway_after",
    "error_500", "rate_limited", "payment_required", "unauthorized",
    "refuse", "already_bought", "in_progress", "no_response", "expired_rates",
]  # fmt: skip
"""``…_before``: nothing was done. ``…_after``: it was done, and only the answer is lost."""

RefundStatus = Literal["submitted", "refunded", "rejected", "not_applicable"]

Json = dict[str, Any]

# Whether it is done all the same, and what is heard of it (None: a gateway's page).
_LINE: Final[MappingProxyType[str, tuple[bool, Silence | None]]] = MappingProxyType(
    {
        "hang_before": (False, "hang"),
        "hang_after": (True, "hang"),
        "reset_before": (False, "reset"),
        "reset_after": (True, "reset"),
        "bad_gateway_before": (False, None),
        "bad_gateway_after": (True, None),
    }
)
_SAYS: Final = MappingProxyType(
    {
        "error_500": (500, "INTERNAL_SERVER_ERROR", "We're sorry, something went wrong."),
        "rate_limited": (429, "RATE_LIMITED", "You've exceeded the API rate limit."),
        "payment_required": (402, "PAYMENT_REQUIRED", "Insufficient funds."),
        "unauthorized": (401, "UNAUTHORIZED", "This api key is not accepted."),
        "already_bought": (422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment."),
        "in_progress": (422, "SHIPMENT.PURCHASE.IN_PROGRESS", "A purchase of this shipment is in progress."),
        "no_response": (422, "SHIPMENT.POSTAGE.NO_RESPONSE", "The carrier did not respond."),
    }
)
_REFUSES: Final = MappingProxyType(
    {
        "create": "SHIPMENT.RATES.UNAVAILABLE",
        "rerate": "SHIPMENT.RATES.UNAVAILABLE",
        "buy": "SHIPMENT.POSTAGE.FAILURE",
        "refund": "SHIPMENT.REFUND.FAILURE",
    }
)
_ONLY_BUY: Final = ("already_bought", "in_progress", "no_response", "expired_rates")

# Service, cents, retail, list, days: as recorded for 15.4 oz from 94107 to 90277. Every further pound adds 50 cents.
_SERVICES: Final = (
    ("Express", 3415, 3910, 3415, 1),
    ("Priority", 742, 990, 834, 2),
    ("GroundAdvantage", 607, 885, 657, 3),
)
_ADDRESS: Final = ("name", "company", "street1", "street2", "city", "state", "zip", "country", "phone", "email")
_PARCEL: Final = ("length", "width", "height", "predefined_package", "weight")
_MAILER: Final = "999999999"
_HTML: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was sold."""

    shipment_id: str
    reference: str | None
    rate_id: str
    tracking_code: str
    price: str
    """Dollars, as they are written: ``"7.42"``."""
    refund_status: RefundStatus | None = None

    @property
    def refunded(self) -> bool:
        """Whether it was taken back: asked for, and not rejected."""
        return self.refund_status not in (None, "rejected")


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came. ``key`` is what the path names: a shipment by id or reference, a picture, a number."""

    endpoint: Endpoint
    method: str
    path: str
    key: str
    body: Json


def check_digit(digits: str) -> str:
    """What makes a USPS number of these digits right: modulo 10, weights 3 and 1 from the right."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _picture(width: int = 80, height: int = 120) -> bytes:
    """A white PNG with a black frame, in the proportions of a label."""
    frame, inside = b"\x00" + b"\x00" * width, b"\x00" + b"\x00" + b"\xff" * (width - 2) + b"\x00"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(frame + inside * (height - 2) + frame)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


LABEL: Final = _picture()
"""The bytes of every label sold here."""


# --- what the carrier knows -------------------------------------------------------------------------------------------


class _Refusal(Exception):
    def __init__(self, status: int, code: str, message: str, errors: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "errors": list(errors)}}


@dataclass(slots=True)
class _Shipment:
    """``shown`` is what a GET answers. ``landing`` is the rate of a purchase that has not turned out yet."""

    shown: Json
    stale: bool = False
    landing: Json | None = None
    says_in_progress: bool = True

    def must_be_unsold(self) -> None:
        if self.shown["postage_label"] is not None:
            raise _said("already_bought")


class _Desk:
    """Shipments, rates, labels and trackers, without a line. One thread only. Raises ``_Refusal``."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.origin = ""
        self.surcharge = 0
        self.messages: list[Json] = []
        self.refunds_as: RefundStatus = "submitted"
        self.sold: list[Label] = []
        self.shipments: dict[str, _Shipment] = {}

    def create(self, body: Json) -> Json:
        asked = body.get("shipment") or {}
        missing = [part for part in ("from_address", "to_address", "parcel") if not asked.get(part)]
        if missing:
            fields = missing if asked else ["shipment"]
            errors = [{"field": field, "message": "cannot be blank"} for field in fields]
            raise _Refusal(422, "PARAMETER.REQUIRED", "Missing required parameter.", errors)
        options = {"currency": "USD", "payment": {"type": "SENDER"}, "date_advance": 0, **asked.get("options", {})}
        id = _new("shp")
        sender = self._part("adr", "Address", asked["from_address"], _ADDRESS)
        receiver = self._part("adr", "Address", asked["to_address"], _ADDRESS)
        shown: Json = {
            "id": id, "object": "Shipment", **self._stamps(), "is_return": False, "messages": list(self.messages),
            "options": options, "reference": asked.get("reference"), "status": "unknown", "tracking_code": None,
            "batch_id": None, "batch_status": None, "batch_message": None, "from_address": sender,
            "to_address": receiver, "return_address": sender, "buyer_address": receiver, "insurance": None,
            "order_id": None, "parcel": self._part("prcl", "Parcel", asked["parcel"], _PARCEL), "postage_label": None,
            "rates": [], "refund_status": None, "scan_form": None, "selected_rate": None, "tracker": None,
            "usps_zone": 4, "forms": [], "fees": [],
        }  # fmt: skip
        shown["rates"] = self._rates(shown)
        self.shipments[id] = _Shipment(shown)
        return shown

    def rerate(self, key: str) -> Json:
        shipment = self.find(key)
        shipment.must_be_unsold()
        shipment.stale = False
        shipment.shown["rates"] = self._rates(shipment.shown)
        return {"rates": shipment.shown["rates"]}

    def buy(self, key: str, body: Json) -> Json:
        shipment = self.find(key)
        rate = self._sellable(shipment, body)
        if shipment.landing and shipment.says_in_progress:
            raise _said("in_progress")
        return self._sell(shipment, rate)

    def promise(self, key: str, body: Json, says_in_progress: bool) -> _Shipment:
        """Take a purchase on that turns out only with ``land``."""
        shipment = self.find(key)
        shipment.landing = self._sellable(shipment, body)
        shipment.says_in_progress = says_in_progress
        return shipment

    def land(self, shipment: _Shipment) -> None:
        rate, shipment.landing = shipment.landing, None
        if rate is not None and shipment.shown["postage_label"] is None:
            self._sell(shipment, rate)

    def land_all(self) -> None:
        for shipment in self.shipments.values():
            self.land(shipment)

    def expire_all(self) -> None:
        for shipment in self.shipments.values():
            shipment.stale = True

    def refund(self, key: str) -> Json:
        shown = self.find(key).shown
        if shown["postage_label"] is None or shown["refund_status"] not in (None, "rejected"):
            raise _Refusal(422, "SHIPMENT.REFUND.UNAVAILABLE", "This shipment cannot be refunded.")
        self.settle_refund(shown["id"], self.refunds_as)
        return shown

    def settle_refund(self, key: str, status: RefundStatus) -> None:
        shown = self.find(key).shown
        shown["refund_status"] = status
        self.sold = [
            replace(label, refund_status=status) if label.shipment_id == shown["id"] else label for label in self.sold
        ]

    def track(self, tracking_code: str) -> Json:
        known = [shipment.shown for shipment in self.shipments.values()]
        found = [shown["tracker"] for shown in known if tracking_code and shown["tracking_code"] == tracking_code]
        # A tracker that is asked for by itself says two things more, and nothing of fees.
        alone = [{**tracker, "finalized": True, "is_return": False} for tracker in found]
        for tracker in alone:
            del tracker["fees"]
        return {"trackers": alone, "has_more": False}

    def moves(self, tracking_code: str, status: str, message: str, place: tuple[str, str, str], at: str) -> None:
        tracker = next(s.shown["tracker"] for s in self.shipments.values() if s.shown["tracking_code"] == tracking_code)
        tracker["status"], tracker["status_detail"], tracker["est_delivery_date"] = status, "status_update", at
        city, state, zip_code = place
        tracker["tracking_details"].append(
            {
                "object": "TrackingDetail", "message": message, "description": "", "status": status,
                "status_detail": "status_update", "datetime": at, "source": "USPS", "carrier_code": "",
                "tracking_location": {
                    "object": "TrackingLocation", "city": city, "state": state, "country": None, "zip": zip_code,
                },
            }
        )  # fmt: skip

    def find(self, key: str) -> _Shipment:
        """By id, else by reference; of several with one reference the last."""
        named = [shipment for shipment in self.shipments.values() if key and shipment.shown["reference"] == key]
        found = self.shipments.get(key) or (named[-1] if named else None)
        if found is None:
            raise _not_found("No such shipment.")
        return found

    def _sellable(self, shipment: _Shipment, body: Json) -> Json:
        """The rate that is asked for."""
        shipment.must_be_unsold()
        if shipment.stale:
            raise _Refusal(422, "SHIPMENT.RATES.UNAVAILABLE", "The rates of this shipment have expired.")
        asked = body.get("rate")
        rate_id = asked.get("id") if isinstance(asked, dict) else None
        rate: Json | None = next((rate for rate in shipment.shown["rates"] if rate["id"] == rate_id), None)
        if rate is None:
            raise _Refusal(422, "SHIPMENT.MISSING_RATE", "A rate of this shipment is needed to buy it.")
        return rate

    def _sell(self, shipment: _Shipment, rate: Json) -> Json:
        shown = shipment.shown
        stem = f"94001{_MAILER}{len(self.sold) + 1:07d}"
        code = stem + check_digit(stem)
        self.sold.append(Label(shown["id"], shown["reference"], rate["id"], code, rate["rate"]))
        picture, stamps = _new("pl"), self._stamps()
        del stamps["mode"]
        shown["tracking_code"], shown["selected_rate"] = code, rate
        shown["postage_label"] = {
            "object": "PostageLabel", "id": picture, **stamps, "date_advance": 0, "integrated_form": "none",
            "label_date": stamps["created_at"], "label_resolution": 300, "label_size": "4x6", "label_type": "default",
            "label_file_type": "image/png", "label_url": f"{self.origin}/files/postage_label/{picture}.png",
            "label_pdf_url": None, "label_zpl_url": None, "label_epl2_url": None, "label_file": None,
        }  # fmt: skip
        shown["tracker"] = {
            "id": _new("trk"), "object": "Tracker", **self._stamps(), "tracking_code": code, "status": "unknown",
            "status_detail": "unknown", "signed_by": None, "weight": None, "est_delivery_date": None,
            "shipment_id": shown["id"], "carrier": "USPS", "tracking_details": [], "fees": [], "carrier_detail": None,
            "public_url": f"{self.origin}/track/{code}",
        }  # fmt: skip
        shown["fees"] = [
            {"object": "Fee", "type": kind, "amount": amount, "charged": True, "refunded": False}
            for kind, amount in (("LabelFee", "0.00000"), ("PostageFee", f"{rate['rate']}000"))
        ]
        return shown

    def _rates(self, shown: Json) -> list[Json]:
        more = self.surcharge + 50 * max(0, ceil(float(shown["parcel"]["weight"] or 0) / 16) - 1)
        return [
            {
                "id": _new("rate"), "object": "Rate", **self._stamps(), "service": service, "carrier": "USPS",
                "rate": f"{(own + more) / 100:.2f}", "currency": "USD", "retail_rate": f"{(retail + more) / 100:.2f}",
                "retail_currency": "USD", "list_rate": f"{(listed + more) / 100:.2f}", "list_currency": "USD",
                "billing_type": "easypost", "delivery_days": days, "delivery_date": None,
                "delivery_date_guaranteed": False, "est_delivery_days": days, "shipment_id": shown["id"],
                "carrier_account_id": "ca_00000000000000000000000000000000",
            }
            for service, own, retail, listed, days in _SERVICES
        ]  # fmt: skip

    def _part(self, kind: str, name: str, given: Json, fields: Sequence[str]) -> Json:
        return {"id": _new(kind), "object": name, **self._stamps(), **{field: given.get(field) for field in fields}}

    def _stamps(self) -> Json:
        now = _iso()
        return {"created_at": now, "updated_at": now, "mode": self.mode}


def _new(kind: str) -> str:
    return f"{kind}_{uuid4().hex}"


def _iso() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(fault: str) -> _Refusal:
    return _Refusal(*_SAYS[fault])


def _not_found(what: str) -> _Refusal:
    return _Refusal(404, "NOT_FOUND", "The requested resource could not be found.", [what])


# --- how it is asked, and how it fails --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rule:
    """Something that holds for the next ``left`` calls of an endpoint; None: for all."""

    left: int | None

    def holds(self) -> bool:
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True)
class _Switch(_Rule):
    fault: Fault


@dataclass(slots=True)
class _Late(_Rule):
    seconds: float | None
    line: Silence
    in_progress: bool


@dataclass(slots=True)
class _Gate(_Rule):
    committed: bool
    open: asyncio.Event


class EasyPostDouble:
    """A running double; a context manager. Every method may be called from any thread; only ``arrived`` waits.

    Args:
        mode: ``test`` or ``production``, as every object of its says.
    """

    def __init__(self, mode: Literal["test", "production"] = "test") -> None:
        self._desk = _Desk(mode)
        self._calls: list[Call] = []
        self._faults: dict[Endpoint, _Switch | _Late] = {}
        self._gates: dict[Endpoint, list[_Gate]] = {}
        self._news = asyncio.Event()
        self._process = DoubleProcess(self._answer)

    def __enter__(self) -> "EasyPostDouble":
        self._process.start()
        self._desk.origin = f"http://127.0.0.1:{self._process.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stop()

    @property
    def url(self) -> str:
        """The base of its API, with ``/v2``: what an SDK is given in place of EasyPost's own."""
        return f"{self._desk.origin}/v2"

    # --- its book -----------------------------------------------------------------------------------------------------

    def labels(self) -> list[Label]:
        """Every label it ever sold, in order, refunded or not."""
        return self._process.there(lambda: list(self._desk.sold))

    def calls(self, endpoint: Endpoint | None = None) -> list[Call]:
        """The requests that arrived, in order: all, or those to one endpoint."""
        return self._process.there(lambda: self._seen(endpoint))

    async def arrived(self, endpoint: Endpoint, count: int = 1, within: float = 20.0) -> Call:
        """Wait until so many calls have come to an endpoint since the start; the last of them.

        What is done before the answer (``hang_after``, ``hold(committed=True)``, …) has been done by then.

        Raises:
            AssertionError: they did not come in time.
        """
        try:
            return await self._process.join(self._arrived(endpoint, count), within)
        except TimeoutError:
            raise AssertionError(f"{len(self.calls(endpoint))} of {count} calls came to {endpoint}") from None

    # --- how it fails -------------------------------------------------------------------------------------------------

    def fault(self, endpoint: Endpoint, fault: Fault, calls: int | None = 1) -> None:
        """Let the next calls fail (None: all, until ``mend``), in place of whatever was said before.

        Raises:
            ValueError: that endpoint has no such fault.
        """
        if (fault in _ONLY_BUY and endpoint != "buy") or (fault == "refuse" and endpoint not in _REFUSES):
            raise ValueError(f"{endpoint} has no fault {fault}")
        self._set(endpoint, _Switch(calls, fault))

    def lands_late(
        self, seconds: float | None = None, *, line: Silence = "hang", calls: int | None = 1, in_progress: bool = True
    ) -> None:
        """Let the next purchases be answered by nothing, and turn out bought only later.

        Args:
            seconds: when, after the call; None: with ``land()``.
            line: what becomes of the call.
            calls: how many; None: all, until ``mend``.
            in_progress: meanwhile a second purchase is told that one is in progress. Otherwise it is sold, and the
                late one comes to nothing.
        """
        self._set("buy", _Late(calls, seconds, line, in_progress))

    def land(self) -> None:
        """Let every late purchase turn out now."""
        self._process.there(self._desk.land_all)

    def hold(self, endpoint: Endpoint, *, committed: bool = False, calls: int | None = None) -> None:
        """Keep calls waiting until ``let_go``: before anything is done, or ``committed``: with only the answer to come.

        What is held goes on when it is let go, whether or not its caller still lives.
        """
        gate = _Gate(calls, committed, asyncio.Event())
        self._process.there(lambda: self._gates.setdefault(endpoint, []).append(gate))

    def let_go(self, endpoint: Endpoint) -> None:
        """Let through what is held of an endpoint, and hold no more of it."""

        def open_all() -> None:
            for gate in self._gates.pop(endpoint, []):
                gate.open.set()

        self._process.there(open_all)

    def mend(self, endpoint: Endpoint | None = None) -> None:
        """Take back what ``fault`` and ``lands_late`` said of an endpoint, or of all."""
        self._process.there(lambda: self._faults.clear() if endpoint is None else self._faults.pop(endpoint, None))

    def down(self) -> None:
        """Break every connection and refuse new ones, until ``up``. What was being done goes on."""
        self._process.down()

    def up(self) -> None:
        """Listen again, on the same port."""
        self._process.up()

    # --- what happens in its world ------------------------------------------------------------------------------------

    def expire_rates(self) -> None:
        """No rate given so far can be bought; a rating from now on gives ones that can."""
        self._process.there(self._desk.expire_all)

    def raise_prices(self, cents: int) -> None:
        """What every rate costs more, from now on, than at the start."""
        self._process.there(lambda: setattr(self._desk, "surcharge", cents))

    def say(self, carrier: str, message: str) -> None:
        """Let new shipments bear a message of a carrier that gave no rates."""
        said = {"carrier": carrier, "type": "rate_error", "message": message}
        self._process.there(lambda: self._desk.messages.append(said))

    def answer_refunds(self, status: RefundStatus) -> None:
        """What a refund is when it is asked for; ``submitted`` at the start."""
        self._process.there(lambda: setattr(self._desk, "refunds_as", status))

    def settle_refund(self, shipment_id: str, status: RefundStatus) -> None:
        """What has become of a refund."""
        self._process.there(lambda: self._desk.settle_refund(shipment_id, status))

    def moves(
        self, tracking_code: str, status: str, message: str, place: tuple[str, str, str], at: str | None = None
    ) -> None:
        """Let something happen to a parcel: EasyPost's own word for its status; city, state and ZIP; ISO time (now)."""
        self._process.there(lambda: self._desk.moves(tracking_code, status, message, place, at or _iso()))

    # --- on its own thread --------------------------------------------------------------------------------------------

    def _set(self, endpoint: Endpoint, rule: _Switch | _Late) -> None:
        self._process.there(lambda: self._faults.update({endpoint: rule}))

    def _seen(self, endpoint: Endpoint | None) -> list[Call]:
        return [call for call in self._calls if endpoint in (None, call.endpoint)]

    async def _arrived(self, endpoint: Endpoint, count: int) -> Call:
        while len(seen := self._seen(endpoint)) < count:
            await self._news.wait()
        return seen[count - 1]

    async def _answer(self, request: Request) -> Reply | Silence:
        call = _read(request)
        self._calls.append(call)
        self._news.set()
        self._news = asyncio.Event()
        if call.endpoint != "label" and "authorization" not in request.headers:
            return _refused(_said("unauthorized"))
        rule = self._faults.get(call.endpoint)
        rule = rule if rule is not None and rule.holds() else None
        gate = next((gate for gate in self._gates.get(call.endpoint, []) if gate.holds()), None)
        if gate is not None and not gate.committed:
            await gate.open.wait()
        reply = self._reply(call, rule)
        if gate is not None and gate.committed:
            await gate.open.wait()
        return reply

    def _reply(self, call: Call, rule: _Switch | _Late | None) -> Reply | Silence:
        if isinstance(rule, _Late):
            self._promise(call, rule)
            return rule.line
        fault = rule.fault if rule is not None else ""
        if fault in _LINE:
            happens, line = _LINE[fault]
            if happens:
                self._do(call)
            return line if line is not None else Reply(502, _HTML, "text/html")
        if fault in _SAYS:
            return _refused(_said(fault))
        if fault == "refuse":
            return _refused(_Refusal(422, _REFUSES[call.endpoint], "The carrier refuses."))
        if fault == "expired_rates" and call.key in self._desk.shipments:
            self._desk.shipments[call.key].stale = True
        return self._do(call)

    def _promise(self, call: Call, late: _Late) -> None:
        try:
            shipment = self._desk.promise(call.key, call.body, late.in_progress)
        except _Refusal:  # nothing will land, and nobody hears why
            return
        if late.seconds is not None:
            asyncio.get_running_loop().call_later(late.seconds, self._desk.land, shipment)

    def _do(self, call: Call) -> Reply:
        desk = self._desk
        if call.endpoint == "label":
            return Reply(200, LABEL, "image/png")
        try:
            match call.endpoint:
                case "create":
                    said = desk.create(call.body)
                case "read":
                    said = desk.find(call.key).shown
                case "rerate":
                    said = desk.rerate(call.key)
                case "buy":
                    said = desk.buy(call.key, call.body)
                case "refund":
                    said = desk.refund(call.key)
                case "track":
                    said = desk.track(call.key)
                case _:
                    raise _not_found("There is nothing here.")
        except _Refusal as refusal:
            return _refused(refusal)
        return _json(201 if call.endpoint == "create" else 200, said)


def _read(request: Request) -> Call:
    url = urlsplit(request.target)
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = {}
    endpoint: Endpoint = "none"
    key = ""
    match request.method, url.path.strip("/").split("/"):
        case "POST", ["v2", "shipments"]:
            endpoint = "create"
        case "GET", ["v2", "shipments", key]:
            endpoint = "read"
        case "POST", ["v2", "shipments", key, ("rerate" | "buy" | "refund") as deed]:
            endpoint = cast(Endpoint, deed)
        case "GET", ["v2", "trackers"]:
            endpoint, key = "track", parse_qs(url.query).get("tracking_code", [""])[0]
        case "GET", ["files", "postage_label", key]:
            endpoint = "label"
    return Call(endpoint, request.method, request.target, unquote(key), body if isinstance(body, dict) else {})


def _json(status: int, body: Json) -> Reply:
    return Reply(status, json.dumps(body).encode())


def _refused(refusal: _Refusal) -> Reply:
    headers = (("retry-after", "1"),) if refusal.status == 429 else ()
    return replace(_json(refusal.status, refusal.body), headers=headers)
