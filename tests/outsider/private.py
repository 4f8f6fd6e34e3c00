"""Binary messages about one's own account, as the text ones that say the same."""

from book import RECORDS, Gap

CHANNELS = {8: ("orders", "Orders", "Order"), 9: ("balances", "Balances", "AssetBalance"), 10: ("positions", "Positions", "Position")}
STATUSES = ["", "pending_new", "waiting", "new", "partially_filled", "filled", "cancelled"]
# fmt: off
EVENTS = ["", "accepted", "rejected", "released", "triggered", "rested", "trade", "self_trade_prevented", "cancelled",
          "amended"]
# fmt: on


def message(raw):
    """As much of it as a follower needs."""
    head, rest = RECORDS["Header"].get(raw), raw[RECORDS["Header"].size :]
    if head["kind"] not in CHANNELS or head["version"] != 1:
        raise Gap(f"{head} is of no account")
    channel, name, each = CHANNELS[head["kind"]]
    body, rest = RECORDS[name].get(rest), rest[RECORDS[name].size :]
    layout = RECORDS[each]
    read = [layout.get(rest[at * layout.size :]) for at in range(body["count"])]
    if len(rest) < body["count"] * layout.size:
        raise Gap(f"{channel}: {body['count']} are too many")
    said = {"channel": channel, "type": "snapshot" if head["snapshot"] else "update", "n": head["n"], "seq": body["seq"]}
    said["epoch"] = head["epoch"]
    if channel == "orders":
        orders = [{"order_id": str(order["order_id"]), "status": STATUSES[order["status"]]} for order in read]
        said.update(sequence=body["sequence"], event=EVENTS[body["event"]])
        said["data"] = orders if head["snapshot"] else (orders or [None])[0]
    elif channel == "balances":
        said["data"] = [balance(each) for each in read]
    else:
        said["data"] = read
    return said


def balance(read):
    places = read["decimals"]
    amounts = {"free": read["free"], "held": read["held"], "total": read["free"] + read["held"]}
    return {"asset": read["asset"], **{name: decimal(amount, places) for name, amount in amounts.items()}}


def decimal(number, places):
    """Without zeros at the end, as balances are written."""
    text = str(abs(number)).rjust(places + 1, "0")
    text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".") if places else text
    return "-" + text if number < 0 else text
