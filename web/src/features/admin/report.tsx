import ChevronLeft from 'lucide-solid/icons/chevron-left';
import { createMemo, createSignal, Show } from 'solid-js';
import type { ReportView } from '../../../../protocol/rest/admin.ts';
import { readEvidence } from '../../engine/admin/evidence.ts';
import { m } from '../../language/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { AskWhy, type Deed } from './ask-why.tsx';
import { Facts } from './list.tsx';
import { ReportedFile } from './reported-file.tsx';
import { EvidenceMark } from './reports.tsx';
import { useDesk } from './state.ts';

const when = (instant: string | null): string =>
  instant === null ? m.admin_unknown() : formatDateTime(Date.parse(instant));

/** One report: what is proven, what was revealed, what can be done. */
export function Report(props: {
  report: ReportView;
  onChange: (report: ReportView) => void;
  onClose: () => void;
}) {
  const { console, failed } = useDesk();
  const [deed, setDeed] = createSignal<Deed>();
  const shown = createMemo(() => readEvidence(props.report));
  const file = () => {
    const it = shown();
    return it.kind === 'file' ? it.content : undefined;
  };
  const patch = async (body: {
    state: ReportView['state'];
    verdict?: 'upheld' | 'dismissed';
    note?: string;
  }) => props.onChange(await console.api('patchReport', { params: { id: props.report.id }, body }));
  const set = (state: 'claimed' | 'open') => void patch({ state }).catch(failed);
  const close = (verdict: 'upheld' | 'dismissed') =>
    setDeed({
      title: m.admin_closing({ verdict }),
      text: m.admin_evidenceText({ evidence: props.report.evidence }),
      confirm: verdict === 'upheld' ? m.admin_uphold() : m.admin_dismiss(),
      harm: false,
      act: (note) => patch({ state: 'closed', verdict, note }),
    });
  const suspend = (id: string) =>
    setDeed({
      title: m.admin_suspendTitle(),
      text: m.admin_suspendText(),
      confirm: m.admin_suspend(),
      harm: true,
      act: async (reason) => {
        await console.api('patchUser', { params: { id }, body: { status: 'suspended', reason } });
      },
    });
  const takeDown = (id: string) =>
    setDeed({
      title: m.admin_takeDownTitle(),
      text: m.admin_takeDownText(),
      confirm: m.admin_takeDown(),
      harm: true,
      act: (reason) => console.api('takeDownFile', { params: { id }, body: { reason } }),
    });
  const isProven = () => props.report.evidence === 'verified';
  return (
    <article class="mx-auto max-w-3xl px-5 py-5" data-testid="report">
      <div class="flex items-start gap-2">
        <IconButton label={m.admin_close()} class="-ms-3 lg:hidden" onClick={props.onClose}>
          <ChevronLeft class="size-6" />
        </IconButton>
        <h2 class="flex-1 text-xl/11 font-semibold tracking-tight">
          {m.admin_reasons({ reason: props.report.reason })}
        </h2>
      </div>
      <p class="text-[0.9375rem]/6">
        <EvidenceMark evidence={props.report.evidence} />{' '}
        <span class="text-muted">
          {m.admin_evidenceText({ evidence: props.report.evidence })}{' '}
          {props.report.finding && m.admin_findings({ finding: props.report.finding })}
        </span>
      </p>

      <h3 class="mt-5 mb-1.5 text-[0.9375rem] font-semibold">{m.admin_revealed()}</h3>
      <Show when={props.report.envelope !== null} fallback={<p class="text-muted">{m.admin_gone()}</p>}>
        <Show when={shown().kind === 'text'}>
          <blockquote
            class="rounded-2xl border border-line bg-surface px-4 py-3 text-base/6 wrap-anywhere whitespace-pre-wrap"
            data-testid="revealed"
          >
            {(shown() as { text: string }).text}
          </blockquote>
        </Show>
        <Show when={file()}>{(content) => <ReportedFile report={props.report} content={content()} />}</Show>
        <Show when={shown().kind === 'nothing'}>
          <p class="text-muted">{m.admin_nothing()}</p>
        </Show>
      </Show>
      <Show when={props.report.note}>
        {(note) => (
          <>
            <h3 class="mt-4 mb-1 text-[0.9375rem] font-semibold">{m.admin_theirNote()}</h3>
            <p class="text-[0.9375rem]/6 wrap-anywhere whitespace-pre-wrap">{note()}</p>
          </>
        )}
      </Show>

      <div class="mt-5 border-t border-line pt-4">
        <Facts
          facts={[
            [m.admin_sender(), props.report.senderId ?? m.admin_unknown()],
            [m.admin_sentAt(), when(props.report.sentAt)],
            [m.admin_room(), `${props.report.chatroomId}, ${props.report.seq}`],
            [m.admin_reporter(), props.report.reporterId ?? m.admin_unknown()],
            [m.admin_reportedAt(), when(props.report.createdAt)],
          ]}
        />
      </div>

      <div class="mt-6 flex flex-wrap gap-2.5">
        <Show
          when={props.report.state !== 'closed'}
          fallback={
            <p class="w-full text-[0.9375rem]/6">
              <strong>{props.report.verdict && m.admin_decided({ verdict: props.report.verdict })}</strong>:{' '}
              {props.report.verdictNote}
            </p>
          }
        >
          <Show
            when={props.report.state === 'claimed'}
            fallback={
              <Button variant="primary" onClick={() => set('claimed')} data-testid="claim">
                {m.admin_claim()}
              </Button>
            }
          >
            <Button variant="primary" onClick={() => close('upheld')} data-testid="uphold">
              {m.admin_uphold()}
            </Button>
            <Button onClick={() => close('dismissed')} data-testid="dismiss">
              {m.admin_dismiss()}
            </Button>
            <Button variant="quiet" onClick={() => set('open')}>
              {m.admin_release()}
            </Button>
          </Show>
        </Show>
        <Show when={isProven() && file()}>
          {(content) => (
            <Button onClick={() => takeDown(content().fileId)} data-testid="take-down">
              {m.admin_takeDown()}
            </Button>
          )}
        </Show>
        <Show when={isProven() && props.report.senderId}>
          {(sender) => (
            <Button onClick={() => suspend(sender())} data-testid="suspend">
              {m.admin_suspendSender()}
            </Button>
          )}
        </Show>
      </div>
      <AskWhy deed={deed()} onClose={() => setDeed(undefined)} />
    </article>
  );
}
