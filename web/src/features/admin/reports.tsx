import { createEffect, createMemo, createSignal, on, Show } from 'solid-js';
import type { ReportView } from '../../../../protocol/rest/admin.ts';
import { m } from '../../language/index.ts';
import { now } from '../../ui/clock.ts';
import { formatMoment } from '../../ui/format.ts';
import { createPages, Filter, List, TwoPanes } from './list.tsx';
import { Report } from './report.tsx';
import { useDesk } from './state.ts';

type State = ReportView['state'];
type Evidence = ReportView['evidence'];

/** The queue of reports: filters, the list, the one that is looked at. */
export function Reports() {
  const { console } = useDesk();
  const [state, setState] = createSignal<State | ''>('open');
  const [evidence, setEvidence] = createSignal<Evidence | ''>('');
  const [selected, setSelected] = createSignal<string>();
  const pages = createPages<ReportView>((cursor) => {
    const [inState, ofEvidence] = [state(), evidence()];
    return console.api('listReports', {
      query: {
        limit: 50,
        ...(inState && { state: inState }),
        ...(ofEvidence && { evidence: ofEvidence }),
        ...(cursor !== undefined && { cursor }),
      },
    });
  });
  createEffect(
    on([state, evidence], () => {
      setSelected(undefined);
      void pages.reload();
    }),
  );
  const report = createMemo(() => pages.items().find(({ id }) => id === selected()));
  return (
    <TwoPanes
      open={report() !== undefined}
      bar={
        <>
          <Filter
            label={m.admin_state()}
            value={state()}
            options={{
              open: m.admin_states({ state: 'open' }),
              claimed: m.admin_states({ state: 'claimed' }),
              closed: m.admin_states({ state: 'closed' }),
              '': m.admin_all(),
            }}
            onChange={(value) => setState(value as State | '')}
          />
          <Filter
            label={m.admin_evidenceFilter()}
            value={evidence()}
            options={{
              '': m.admin_all(),
              verified: m.admin_evidence({ evidence: 'verified' }),
              unverifiable: m.admin_evidence({ evidence: 'unverifiable' }),
              false: m.admin_evidence({ evidence: 'false' }),
            }}
            onChange={(value) => setEvidence(value as Evidence | '')}
          />
        </>
      }
      list={
        <List
          pages={pages}
          label={m.admin_tabs({ tab: 'reports' })}
          empty={m.admin_noReports()}
          selected={selected()}
          onSelect={(item) => setSelected(item?.id)}
          row={(item) => (
            <span class="block">
              <span class="flex items-baseline gap-2">
                <span class="min-w-0 flex-1 truncate font-semibold">
                  {m.admin_reasons({ reason: item.reason })}
                </span>
                <span class="text-[0.8125rem] text-muted">
                  {formatMoment(Date.parse(item.createdAt), now())}
                </span>
              </span>
              <span class="flex gap-2 text-[0.8125rem] text-muted">
                <EvidenceMark evidence={item.evidence} />· {m.admin_states({ state: item.state })}
              </span>
            </span>
          )}
        />
      }
      detail={
        <Show when={report()} fallback={<p class="p-10 text-center text-muted">{m.admin_pick()}</p>} keyed>
          {(open) => <Report report={open} onChange={pages.replace} onClose={() => setSelected(undefined)} />}
        </Show>
      }
    />
  );
}

/** Whether it is proven, in a word and a colour. */
export function EvidenceMark(props: { evidence: Evidence }) {
  const colours = { verified: 'text-accent', unverifiable: 'text-warn', false: 'text-danger' };
  return (
    <span class={`font-semibold ${colours[props.evidence]}`} data-testid="evidence">
      {m.admin_evidence({ evidence: props.evidence })}
    </span>
  );
}
