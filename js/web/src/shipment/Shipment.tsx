import type { JsonObject, Session } from "@shipanion/client";
import { CommandRefused, ConnectionRefused, StorageFailed } from "@shipanion/client";
import type { ReactElement, ReactNode } from "react";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useCurrentSession } from "../session/CurrentSession.js";
import type { Calls, Failure } from "./calls.js";
import { readCalls } from "./calls.js";
import type { Edits } from "./edits.js";
import { beginning, forgotten, given, heard, mended } from "./edits.js";
import type { Parcel } from "./parcel.js";
import { readParcel } from "./parcel.js";

/** The parcel on the page, and what can be done with it. */
export interface Shipment {
  readonly parcel: Parcel;
  readonly calls: Calls;
  readonly edits: Edits;
  /** Whether there is a connection: without one everything is kept, and goes out later. */
  readonly isLive: boolean;
  /** Whether the state is known yet. */
  readonly isKnown: boolean;
  /** Run a tool, unless the very same is under way. */
  readonly run: (tool: string, parameters?: JsonObject) => void;
  /** Whether a tool that a person asked for is under way: kept here, or running. */
  readonly busy: (tool: string) => "unsent" | "running" | undefined;
  /** Why a person's last call of a tool came to nothing. */
  readonly failure: (tool: string) => Failure | undefined;
  /** Change members of `shipping_details`; null takes one away. Whether the change is kept. */
  readonly edit: (patch: JsonObject) => boolean;
  /** Why the last change could not even be kept. */
  readonly unkept: string | undefined;
  /** The person mends what was refused. */
  readonly mend: (member: string) => void;
  /** Answer what is asked. */
  readonly answer: (approvalId: string, decision: "approved" | "declined") => void;
  /** The answer that is on its way. */
  readonly answering: (approvalId: string) => string | undefined;
}

const Context = createContext<Shipment | undefined>(undefined);

/** The parcel. Only inside of `ShipmentOfSession`. */
export function useShipment(): Shipment {
  const shipment = useContext(Context);
  if (shipment === undefined) throw new Error("There is no shipment here.");
  return shipment;
}

const NOT_LIVE: readonly string[] = ["connecting", "reconnecting", "offline", "sign_in", "stopped"];
const NOTE_MS = 8_000;

/** Gives the current session's parcel to what is inside. */
export function ShipmentOfSession({ children }: { readonly children: ReactNode }): ReactElement {
  const { session, snapshot, transcript } = useCurrentSession();
  const { banner } = snapshot;
  // Not as the page batches them: what was typed must not be gone for a moment before it is shown as given.
  const state = useSyncExternalStore(session.subscribe, () => session.snapshot().state);
  const pending = useSyncExternalStore(session.subscribe, () => session.snapshot().pending);
  const parcel = useMemo(() => readParcel(state, pending), [state, pending]);
  const calls = useMemo(() => readCalls(transcript.events, pending), [transcript.events, pending]);
  const [edits, setEdits] = useEdits(session);
  const tools = useTools(session, calls);
  const [unkept, setUnkept] = useState<string>();

  const edit = useCallback(
    (patch: JsonObject): boolean => {
      const before = session.snapshot().pending.length;
      setUnkept(undefined);
      session.update({ shipping_details: patch }).catch((error: unknown) => {
        // A refusal is heard with the command it is about; all else that rejects goes out later.
        if (error instanceof StorageFailed || error instanceof ConnectionRefused) setUnkept(error.message);
      });
      return session.snapshot().pending.length > before;
    },
    [session],
  );
  const mend = useCallback(
    (member: string) => {
      setEdits((before) => mended(before, member));
    },
    [setEdits],
  );
  const answering = useCallback(
    (approvalId: string) => {
      const decision = pending.find(({ command }) => command.approval_id === approvalId && isAnswer(command))?.command
        .decision;
      return typeof decision === "string" ? decision : undefined;
    },
    [pending],
  );
  const answer = useCallback(
    (approvalId: string, decision: "approved" | "declined") => {
      const isAnswered = session
        .snapshot()
        .pending.some(({ command }) => command.approval_id === approvalId && isAnswer(command));
      if (isAnswered) return;
      session.resolve(approvalId, decision).catch(() => undefined); // the state says what became of it
    },
    [session],
  );

  const isLive = !NOT_LIVE.includes(banner.status);
  const isKnown = state !== undefined;
  const shipment = useMemo(
    () => ({ parcel, calls, edits, isLive, isKnown, unkept, edit, mend, answer, answering, ...tools }),
    [parcel, calls, edits, isLive, isKnown, unkept, edit, mend, answer, answering, tools],
  );
  return <Context value={shipment}>{children}</Context>;
}

function isAnswer(command: JsonObject): boolean {
  return command.type === "resolve_approval";
}

/** Who changed what, and what was refused, as long as this session is shown. */
function useEdits(session: Session) {
  const [edits, setEdits] = useState(() => begun(session));
  const [of, setOf] = useState(session);
  if (of !== session) {
    setOf(session);
    setEdits(begun(session));
  }
  useEffect(() => {
    const ends = [
      session.listen((output) => {
        setEdits((before) => heard(before, output));
      }),
      session.subscribe(() => {
        const { pending, state } = session.snapshot();
        setEdits((before) => given(before, pending, state));
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [session]);
  useEffect(() => {
    const newest = Math.max(0, ...[...edits.changes.values()].map(({ offset }) => offset));
    if (newest === 0) return;
    const timer = setTimeout(() => {
      setEdits((before) => forgotten(before, newest));
    }, NOTE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [edits.changes]);
  return [edits, setEdits] as const;
}

function begun(session: Session): Edits {
  const { state, pending } = session.snapshot();
  return given(beginning(state), pending);
}

/** Running tools, once each: what this page waits for itself, and what an earlier life of it began. */
function useTools(session: Session, calls: Calls) {
  const waiting = useRef(new Map<string, number>());
  const [running, setRunning] = useState<ReadonlyMap<string, number>>(new Map());
  const [refused, setRefused] = useState<ReadonlyMap<string, Failure>>(new Map());

  const run = useCallback(
    (tool: string, parameters: JsonObject = {}) => {
      const key = JSON.stringify([tool, parameters]);
      const isKept = session.snapshot().pending.some(({ command }) => JSON.stringify(wishOf(command)) === key);
      if (isKept || waiting.current.has(key)) return;
      const count = (by: number) => {
        const now = (waiting.current.get(key) ?? 0) + by;
        if (now > 0) waiting.current.set(key, now);
        else waiting.current.delete(key);
        setRunning(new Map([...waiting.current].map(([each, number]) => [toolOf(each), number])));
      };
      count(1);
      setRefused((before) => new Map([...before].filter(([name]) => name !== tool)));
      session
        .callTool(tool, parameters)
        .catch((error: unknown) => {
          // A failed call is in the log for everybody to see; what was only put off is still kept.
          const isRefused = [CommandRefused, StorageFailed, ConnectionRefused].some((kind) => error instanceof kind);
          if (!isRefused || !(error instanceof Error)) return;
          const failure = { id: "", say: error.message, code: undefined, field: undefined };
          setRefused((before) => new Map(before).set(tool, failure));
        })
        .finally(() => {
          count(-1);
        });
    },
    [session],
  );
  return useMemo(() => {
    const busy = (tool: string) => {
      const open = calls.open.find((call) => call.tool === tool && call.isByPerson);
      if (open !== undefined) return open.isUnsent ? ("unsent" as const) : ("running" as const);
      return running.has(tool) ? ("running" as const) : undefined;
    };
    const failure = (tool: string) => (busy(tool) ? undefined : (refused.get(tool) ?? calls.failed.get(tool)));
    return { run, busy, failure };
  }, [run, calls, running, refused]);
}

function wishOf(command: JsonObject): unknown {
  const call = command.client_tool_call;
  if (typeof call !== "object" || call === null || Array.isArray(call)) return undefined;
  return [call.tool_name, call.parameters];
}

function toolOf(key: string): string {
  return (JSON.parse(key) as [string])[0];
}
