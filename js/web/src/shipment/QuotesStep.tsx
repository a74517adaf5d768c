import { LoaderCircle } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import { Badge } from "../ui/Badge.js";
import { Button } from "../ui/Button.js";
import { Note } from "./Note.js";
import { RefreshQuotes } from "./RefreshQuotes.js";
import { useShipment } from "./Shipment.js";
import type { Quote } from "./parcel.js";
import type { Order } from "./quoteOrder.js";
import { best, notesOf, ordered } from "./quoteOrder.js";
import { useNow } from "../ui/useNow.js";
import { dateText, dayText, daysText, leftText, priceText } from "./words.js";
import shared from "./steps.module.css";
import styles from "./QuotesStep.module.css";

/** What it costs, and the choice. Nothing is bought here. */
export function QuotesStep({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const { parcel, isLive, run, busy, failure } = useShipment();
  const { quotes, quotesExpireAt, chosen, isFrozen } = parcel;
  const [order, setOrder] = useState<Order>("price");
  const [picked, setPicked] = useState<string>();
  const now = useNow(15_000);
  const left = quotesExpireAt === undefined ? undefined : leftText(quotesExpireAt, now);
  const isOver = quotesExpireAt !== undefined && left === undefined;
  const marks = best(quotes);
  const wanted = quotes.find((quote) => quote.id === picked) ?? chosen ?? ordered(quotes, "price")[0];
  const choosing = busy("select_quote");
  const failed = failure("select_quote") ?? failure("get_shipping_quotes");

  return (
    <div className={shared.step}>
      <div className={styles.head}>
        <div className={styles.orders} role="group" aria-label="Sort by">
          {(["price", "days"] as const).map((by) => (
            <button
              key={by}
              type="button"
              className={styles.order}
              aria-pressed={order === by}
              onClick={() => {
                setOrder(by);
              }}
            >
              {by === "price" ? "Cheapest first" : "Fastest first"}
            </button>
          ))}
        </div>
        {left !== undefined && !isFrozen && <span className={shared.soft}>Good for {left}</span>}
      </div>
      <fieldset className={styles.quotes} disabled={isFrozen || isOver}>
        <legend className={styles.unseen}>Service</legend>
        {ordered(quotes, order).map((quote) => (
          <QuoteChoice
            key={quote.id}
            quote={quote}
            isWanted={quote.id === wanted?.id}
            isChosen={quote.id === chosen?.id}
            isCheapest={quote.id === marks.cheapest}
            isFastest={quote.id === marks.fastest}
            onPick={setPicked}
          />
        ))}
      </fieldset>
      {failed !== undefined && <Note tone="bad">{failed.say}</Note>}
      {isFrozen ? null : isOver ? (
        <Note tone="warn">
          These quotes have run out: prices may have changed.
          <RefreshQuotes />
        </Note>
      ) : (
        <Button
          look="primary"
          size="large"
          className={shared.wide}
          disabled={wanted === undefined || choosing === "running"}
          onClick={() => {
            if (wanted === undefined) return;
            if (wanted.id !== chosen?.id) run("select_quote", { quote: wanted.id });
            onChosen();
          }}
        >
          {choosing === "running" && <LoaderCircle size={18} className={shared.turning} aria-hidden="true" />}
          {wanted === undefined ? "Choose" : `Choose ${wanted.service}`}
        </Button>
      )}
      {choosing === "unsent" && !isLive && (
        <p className={shared.soft}>The choice is kept, and goes out when the line is back.</p>
      )}
      <ul className={styles.notes}>
        {notesOf(quotes).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

function QuoteChoice({
  quote,
  isWanted,
  isChosen,
  isCheapest,
  isFastest,
  onPick,
}: {
  readonly quote: Quote;
  readonly isWanted: boolean;
  readonly isChosen: boolean;
  readonly isCheapest: boolean;
  readonly isFastest: boolean;
  readonly onPick: (id: string) => void;
}): ReactElement {
  return (
    <label className={styles.quote} data-wanted={isWanted}>
      <input
        type="radio"
        name="quote"
        value={quote.id}
        className={styles.radio}
        checked={isWanted}
        onChange={() => {
          onPick(quote.id);
        }}
      />
      <span className={styles.service}>
        {quote.service} <span className={styles.carrier}>{quote.carrier}</span>
      </span>
      <span className={styles.cost}>{priceText(quote.cost)}</span>
      <span className={styles.when}>
        {quote.days === undefined ? "Days not known" : daysText(quote.days)}
        {quote.delivery !== undefined && ` · ${dayText(quote.delivery)}`}
      </span>
      <span className={styles.badges}>
        {isChosen && <Badge tone="accent">Chosen</Badge>}
        {isCheapest && <Badge tone="good">Cheapest</Badge>}
        {isFastest && <Badge tone="accent">Fastest</Badge>}
        {quote.isEstimate && (
          <Badge tone="warn">
            Estimate{quote.pricesAsOf !== undefined && `, prices of ${dateText(quote.pricesAsOf)}`}
          </Badge>
        )}
      </span>
    </label>
  );
}
