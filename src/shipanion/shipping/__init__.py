"""The domain: parcels, places, prices and what a person says about them.

Everything here runs in a REPL with no server. Nothing reads the clock, the environment or the
network: dates are arguments, prices and ZIPs are data inside the package.

    money       cents inside, dollars on the wire, two decimals in text
    refusals    the codes of every ``ShippingError`` raised here, and what each means
    zips        US ZIP codes with city, state and place (call ``preload()`` off the event loop)
    zones       the USPS zone of a pair of ZIPs, estimated by distance
    parcel      weight and dimensions as people and programs send them, and their limits
    rates       dated price tables as data files, and how a table prices a parcel
    quotes      a request for quotes, a quote, cheapest and fastest
    carriers    the port every carrier fills, and the carrier that reads a price table
    wire        the exact JSON shapes of quotes, in and out
    shipment    one parcel from its details to its label, as changes of the shared state
    address     the sender's or the recipient's postal address, checked against its ZIP
    offer       what a person is asked for their yes
    consent     whether a message says yes to a purchase
    purchase    an order for a label, and what a carrier makes of it
    label       the sample label: number, layout, PDF, PNG, QR
    tracking    where a parcel is; a sample's made-up history
    summary     what was said so far, in a few lines
    reminder    the same for Bob after a resume, with the last messages and what moved on
    digest      what happened while somebody was away
    grammar     what a sentence such as "5 lb from 90210 to 10001" says (tokens, numerals, lexicon)

Quotes from end to end::

    request = wire.read_tool_call({"from_zip": "90210", "to_zip": "10001", "weight": 5}, ship_date=day)
    quotation = await RateCardCarrier(table.load()).quote(request)
    wire.tool_result(request, quotation)
"""
