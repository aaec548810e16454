/** `/traces/:code`: one sign-in for a person who cannot sign in, without personal data. */
import type { Explanation } from '../../../broker/sign-ins/explanation.ts'
import type { Trace } from '../../../broker/trace.ts'
import { adminStylesheet } from '../../../pages/assets.ts'
import { type PageTenant, renderCard, renderLayout } from '../../../pages/layout.tsx'
import { Fact } from '../../../pages/parts.tsx'
import { ExactTime, Time } from '../../../pages/time.tsx'
import { ChecksSection, Explained, OutcomeBadge, ReasonsSection, StepsSection } from './trace-sections.tsx'

export interface SharedPageProps {
  readonly trace: Trace
  readonly explanation: Explanation
  readonly shown?: string | undefined
  readonly guide?: { readonly file: string; readonly section: string } | undefined
  readonly connectionLabel: string
  readonly tenant: PageTenant
  readonly expiresAt: Date
}

export function sharedPage({ trace, explanation, tenant, connectionLabel, expiresAt, ...props }: SharedPageProps) {
  const { reference, startedAt, outcome, code, steps, reasons } = trace
  return renderLayout({
    title: `Sign-in ${reference}`,
    tenant,
    width: 'full',
    styles: adminStylesheet.path,
    children: (
      <>
        <header class="page-head">
          <h1>Sign-in {reference}</h1>
          <p class="small">
            This link works until <Time at={expiresAt} />
          </p>
        </header>
        <section class="card wide" aria-labelledby="explanation">
          <p>
            <OutcomeBadge outcome={outcome} />
          </p>
          <div class="explained-facts">
            <Explained explanation={explanation} {...props} />
            <dl>
              <Fact label="Time">
                <ExactTime at={startedAt} />
              </Fact>
              <Fact label="Organization">{tenant.name}</Fact>
              <Fact label="Connection">{connectionLabel}</Fact>
              {code !== undefined && (
                <Fact label="Error code">
                  <code>{code}</code>
                </Fact>
              )}
            </dl>
          </div>
        </section>
        <StepsSection steps={steps} />
        <ChecksSection steps={steps} />
        <ReasonsSection reasons={reasons} />
      </>
    ),
  })
}

export const expiredLinkPage = (): string =>
  renderCard({
    title: 'This link no longer works',
    failed: true,
    children: (
      <>
        <p role="alert">This link has expired or is incomplete.</p>
        <p>Ask the person who sent it to create a new one on the page of the sign-in.</p>
      </>
    ),
  })
