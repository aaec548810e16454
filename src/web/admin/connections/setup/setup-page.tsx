/** How an administrator of the upstream sets a connection up, with our exact values to copy. */
import type { SetupInstructions } from '../../../../broker/health/setup-instructions.ts'
import type { SharedCheck } from '../../../../broker/health/shown-checks.ts'
import type { Fixer } from '../../../../errors.ts'
import { adminStylesheet } from '../../../../pages/assets.ts'
import { Form, Notice } from '../../../../pages/form.tsx'
import { type PageTenant, renderCard, renderLayout, safeHref } from '../../../../pages/layout.tsx'
import { CodeText, Section } from '../../../../pages/parts.tsx'
import { Scroll } from '../../../../pages/scroll.tsx'
import { SecretValue } from '../../../../pages/secret-value.tsx'
import { Time } from '../../../../pages/time.tsx'
import { capitalized } from '../../../../primitives/capitalized.ts'
import type { SetupValue } from '../../../../provider/provider.ts'

interface ShownTest {
  readonly checks: readonly SharedCheck[]
  readonly at: Date
  /** The user has just asked for it. Else: the last probe of Gatehouse. */
  readonly isNew: boolean
}

export interface SetupPageProps {
  readonly tenant: PageTenant
  /** Name of the connection. */
  readonly label: string
  /** The identity provider, as a part of a sentence. */
  readonly upstream: string
  readonly instructions: SetupInstructions
  /** Undefined before the first probe. */
  readonly test: ShownTest | undefined
  readonly notice: string | undefined
  readonly testAction: string
  readonly expiresAt: Date
  readonly now: Date
}

export function setupPage(props: SetupPageProps): string {
  const { tenant, label, upstream, instructions, expiresAt } = props
  const { needs, steps, others, sendBack } = instructions
  return renderLayout({
    title: `Set up ${label} for ${tenant.name}`,
    tenant,
    width: 'full',
    styles: adminStylesheet.path,
    children: (
      <>
        <header class="page-head">
          <h1>
            Set up {label} for {tenant.name}
          </h1>
          <button type="button" class="quiet" data-prints hidden>
            Print
          </button>
        </header>
        <p>
          These steps let users of {tenant.name} sign in with {label}.{needs !== undefined && ` You need ${needs}.`}{' '}
          This link works until <Time at={expiresAt} />.
        </p>
        <Section id="steps" title={`What to do at ${upstream}`}>
          <ol class="setup-steps">
            {steps.map(({ text, values }, index) => (
              <li key={text}>
                <p>
                  <StepText text={text} />
                </p>
                <Values values={values} id={`step-${index + 1}`} />
              </li>
            ))}
          </ol>
        </Section>
        {others.length > 0 && (
          <Section id="others" title="More addresses">
            <p class="small">Enter these only where {upstream} asks for them.</p>
            <Values values={others} id="other" />
          </Section>
        )}
        <Section id="send-back" title="What to send back">
          <p>Send these values to the administrator of {tenant.name}:</p>
          <ul class="limits">
            {sendBack.map((text) => (
              <li key={text}>
                <StepText text={text} />
              </li>
            ))}
          </ul>
          <p class="small">
            Send secrets and keys by a channel that only that administrator can read, such as a password manager. Do not
            send them by email or chat.
          </p>
        </Section>
        <TestSection {...props} />
        <DoneSection {...props} />
      </>
    ),
  })
}

/** Words between `**` are the vendor's. */
const StepText = ({ text }: { readonly text: string }) => (
  <>
    {text
      .split('**')
      .map((part, index) =>
        index % 2 === 1 ? <strong key={index}>{part}</strong> : <CodeText key={index} text={part} />,
      )}
  </>
)

function Values({ values, id }: { readonly values: readonly SetupValue[]; readonly id: string }) {
  if (values.length === 0) return null
  return (
    <dl class="setup-values">
      {values.map(({ name, value }, index) => (
        <div key={name}>
          <dt>{capitalized(name)}</dt>
          <dd>
            <SecretValue id={`${id}-${index + 1}`} label={name} text={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function TestSection({ test, notice, testAction, tenant, now }: SetupPageProps) {
  return (
    <Section id="test" title="Test the connection">
      <p>
        After the administrator of {tenant.name} has entered the values, test the connection. The test needs no user.
        The test may not detect a wrong address; a sign-in does.
      </p>
      <Notice text={notice} />
      {test !== undefined && (
        <>
          <p class="small">
            {test.isNew ? 'Tested' : 'Last check:'} <Time at={test.at} now={now} />
          </p>
          <Scroll label="Checks of the test">
            <table class="records">
              <thead>
                <tr>
                  <th scope="col">Check</th>
                  <th scope="col">Result</th>
                  <th scope="col">Finding</th>
                </tr>
              </thead>
              <tbody>
                {test.checks.map((check) => (
                  <tr key={check.name + check.detail}>
                    <th scope="row">{capitalized(check.name)}</th>
                    <td data-label="Result">
                      <ResultBadge result={check.result} />
                    </td>
                    <td data-label="Finding" class="problem">
                      {check.detail}
                      {check.fixer !== undefined && (
                        <p class="small">Who can fix it: {fixerText(check.fixer, tenant.name)}</p>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
      <Form action={testAction}>
        <button type="submit">Test connection</button>
      </Form>
    </Section>
  )
}

const results = {
  passed: { label: 'Passed', state: 'healthy' },
  warning: { label: 'Warning', state: 'warning' },
  failed: { label: 'Failed', state: 'down' },
} as const satisfies Record<SharedCheck['result'], object>

function ResultBadge({ result }: Pick<SharedCheck, 'result'>) {
  const { label, state } = results[result]
  return <span class={`state ${state}`}>{label}</span>
}

function fixerText(fixer: Fixer, tenant: string): string {
  if (fixer === 'tenant admin') return `you, or the administrator of ${tenant}`
  return fixer === 'operator' ? 'the operator of this service' : `the ${fixer}`
}

function DoneSection({ instructions: { start }, tenant }: SetupPageProps) {
  return (
    <Section id="done" title="You're done when">
      <ul class="limits">
        <li>the administrator of {tenant.name} has the values above</li>
        <li>no check of the test says Failed</li>
        {start !== undefined && (
          <li>
            a user whom you assigned can sign in: <a href={safeHref(new URL(start).pathname)}>start a sign-in</a>
          </li>
        )}
      </ul>
    </Section>
  )
}

/** @param tenant undefined if there is none of this name */
export const expiredSetupPage = (tenant: PageTenant | undefined): string =>
  renderCard({
    title: 'This link no longer works',
    tenant,
    failed: true,
    children: (
      <>
        <p role="alert">Links to a setup page expire. This one may also have been replaced or revoked.</p>
        <p>
          Ask the person who sent it for a new one{tenant !== undefined && `, or the administrator of ${tenant.name}`}.
        </p>
      </>
    ),
  })
