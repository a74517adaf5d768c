import type { JsonObject } from "@shipanion/client";
import { Check, Clock } from "lucide-react";
import type { ReactElement } from "react";
import { useId } from "react";
import { Badge } from "../ui/Badge.js";
import { Button } from "../ui/Button.js";
import styles from "./Card.module.css";
import { day, fields, left, objects, place, price, service, text, weight } from "./figures.js";
import type { QuotesItem } from "./item.js";
import { best } from "./quickReplies.js";
import { useAround } from "./ThreadContext.js";
import { useAttempt } from "./useAttempt.js";
import { useNow } from "../ui/useNow.js";

/** What a parcel costs, by service. The present ones can be chosen from; older ones are a line. */
export function QuotesCard({ item }: { readonly item: QuotesItem }): ReactElement {
  const { quotesKey } = useAround();
  return quotesKey === item.key ? <Present item={item} /> : <Past item={item} />;
}

function heading({ details }: QuotesItem): string {
  const ends = [place(details, "from"), place(details, "to")].map((end) => end.replace(/ \(.*/, "")).join(" → ");
  return [weight(details.weight_lbs), ends].filter(Boolean).join(", ");
}

function Past({ item }: { readonly item: QuotesItem }): ReactElement {
  const least = best(item.quotes, "cost", "transit_days");
  return (
    <section className={styles.card} aria-label="Earlier prices">
      <div className={styles.compact}>
        <h3 className={styles.title}>Prices for {heading(item)}</h3>
        <span className={styles.soft}>
          {item.quotes.length} {item.quotes.length === 1 ? "service" : "services"}
          {least !== undefined && `, from ${price(least.cost)}`}
        </span>
      </div>
    </section>
  );
}

function Present({ item }: { readonly item: QuotesItem }): ReactElement {
  const { session, state } = useAround();
  const { busy, problem, run } = useAttempt();
  const now = useNow(30_000);
  const name = useId();
  const { quotes } = item;
  const cheapest = best(quotes, "cost", "transit_days");
  const fastest = best(quotes, "transit_days", "cost");
  const isOver = item.expireAt !== undefined && item.expireAt <= now;
  const isTaken = Object.keys({ ...fields(state?.label), ...fields(state?.purchase) }).length > 0;
  const chosen = quotes.find(({ id }) => id === state?.chosen);
  const notes = [...new Set(quotes.flatMap(({ notes }) => (Array.isArray(notes) ? notes : [])))].map(text);
  const choose = (quote: JsonObject) => {
    run(text(quote.id), () => session.callTool("select_quote", { quote: text(quote.id) }));
  };
  return (
    <section className={styles.card} aria-labelledby={name} data-open>
      <div className={styles.head}>
        <h3 id={name} className={styles.title}>
          Prices for {heading(item)}
        </h3>
        {quotes.some(({ estimate }) => estimate === true) && <Badge title={notes.join(" ")}>Estimate</Badge>}
      </div>
      <ul className={styles.options}>
        {quotes.map((quote) => {
          const isChosen = quote === chosen;
          return (
            <li key={text(quote.id)} className={styles.option} data-chosen={isChosen}>
              <div className={styles.optionWhat}>
                <span className={styles.optionName}>{service(quote)}</span>
                <span className={styles.badges}>
                  {quote === cheapest && <Badge tone="good">Cheapest</Badge>}
                  {quote === fastest && <Badge tone="accent">Fastest</Badge>}
                </span>
                <span className={styles.soft}>
                  usually {text(quote.eta)}
                  {text(quote.estimated_delivery) !== "" && `, by ${day(quote.estimated_delivery)}`}
                </span>
              </div>
              <span className={styles.optionPrice}>{price(quote.cost)}</span>
              {!isTaken && !isOver && (
                <Button
                  size="small"
                  className={styles.choose}
                  aria-pressed={isChosen}
                  aria-label={`${isChosen ? "Chosen" : "Choose"} ${service(quote)} for ${price(quote.cost)}`}
                  disabled={busy !== undefined || isChosen}
                  onClick={() => {
                    choose(quote);
                  }}
                >
                  {isChosen ? <Check size={15} aria-hidden /> : null}
                  {isChosen ? "Chosen" : busy === text(quote.id) ? "…" : "Choose"}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {chosen !== undefined && !isTaken && !isOver && fields(state?.approval).approval_id === undefined && (
        <Button
          look="primary"
          disabled={busy !== undefined}
          onClick={() => {
            run("label", () => session.callTool("create_label", {}));
          }}
        >
          {busy === "label"
            ? "Asking…"
            : `${chosen.estimate === true ? "Make the sample label" : "Get the label"}: ${price(chosen.cost)}`}
        </Button>
      )}
      {problem !== undefined && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={styles.foot}>
        {item.expireAt !== undefined && (
          <span className={styles.countdown}>
            <Clock size={13} aria-hidden />{" "}
            {isOver ? "These prices have run out." : `These prices hold for ${left(item.expireAt, now)}`}
          </span>
        )}
        {notes.length > 0 && (
          <details>
            <summary>About these prices</summary>
            {notes.map((note) => (
              <span key={note}>{note} </span>
            ))}
          </details>
        )}
      </div>
    </section>
  );
}

/** Whether these quotes are the ones that the state holds. */
export function arePresent(item: QuotesItem, quotes: unknown): boolean {
  const now = objects(quotes);
  return (
    now.length > 0 &&
    now.length === item.quotes.length &&
    now.every((quote, at) => quote.id === item.quotes[at]?.id && quote.cost === item.quotes[at]?.cost)
  );
}
