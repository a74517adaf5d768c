import type { ReactElement } from "react";
import { memo } from "react";
import { ApprovalCard } from "./ApprovalCard.js";
import { BobMessage } from "./BobMessage.js";
import styles from "./Conversation.module.css";
import { EffectCard } from "./EffectCard.js";
import type { Item } from "./item.js";
import { sameItem } from "./item.js";
import { AwayCard, DayLine, EditLine, NoteLine, ToolLine } from "./Lines.js";
import { QuotesCard } from "./QuotesCard.js";
import { SaidMessage } from "./SaidMessage.js";

/** One item. It is drawn again only when it shows something else. */
export const Row = memo(
  function Row({ item, isFar }: { readonly item: Item; readonly isFar: boolean }): ReactElement {
    return (
      <li className={styles.row} data-key={item.key} data-offset={item.offset} data-kind={item.kind} data-far={isFar}>
        <Shown item={item} />
      </li>
    );
  },
  (one, other) => one.isFar === other.isFar && sameItem(one.item, other.item),
);

function Shown({ item }: { readonly item: Item }): ReactElement {
  switch (item.kind) {
    case "said":
      return <SaidMessage item={item} />;
    case "answer":
      return <BobMessage item={item} />;
    case "tool":
      return <ToolLine item={item} />;
    case "quotes":
      return <QuotesCard item={item} />;
    case "approval":
      return <ApprovalCard item={item} />;
    case "effect":
      return <EffectCard item={item} />;
    case "edit":
      return <EditLine item={item} />;
    case "note":
      return <NoteLine item={item} />;
    case "away":
      return <AwayCard item={item} />;
    case "day":
      return <DayLine item={item} />;
  }
}
