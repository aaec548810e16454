/** An error: what happened, who can fix it, the reference of the trace, and how to continue. */
import type { ErrorCode, Fixer } from '../errors.ts'
import { type PageTenant, renderCard } from './layout.tsx'
import { Aside, CodeText, Fact, LinkButton, type PageLink, Reference } from './parts.tsx'
import { docsLink } from './site/docs-site.ts'

interface Detail {
  readonly label: string
  readonly values: readonly string[]
}

export interface ErrorPageProps {
  readonly title: string
  readonly text: string
  /** Shown to the person who fixes it. */
  readonly code?: ErrorCode | undefined
  /** Finds the trace. */
  readonly reference?: string | undefined
  readonly fixer: Fixer
  readonly tenant?: PageTenant | undefined
  /** The first is a button; the others are smaller. Default: the sign-in page. */
  readonly links?: readonly PageLink[]
  /** Default: the tenant's. */
  readonly supportUrl?: string | undefined
  /** Action of the person who can fix the error. */
  readonly fix?: string | undefined
  /** Received and expected value, for the person who can fix the error. */
  readonly details?: readonly Detail[] | undefined
}

/** Undefined where users can fix it themselves: the text explains how. */
const fixers = {
  user: undefined,
  'tenant admin': { sentence: "Your organization's administrator can fix this.", details: 'For your administrator' },
  'app developer': { sentence: 'The developer of the app can fix this.', details: "For the app's developer" },
  operator: { sentence: 'The operator of this sign-in service can fix this.', details: 'For the operator' },
} as const satisfies Record<Fixer, object | undefined>

export const fixerSentence = (fixer: Fixer): string | undefined => fixers[fixer]?.sentence

const signIn: PageLink = { href: '/login', label: 'Go to the sign-in page' }

export function errorPage(props: ErrorPageProps): string {
  const { title, text, reference, fixer, tenant, links = [], supportUrl } = props
  const [first = signIn, ...others] = links
  const sentence = fixerSentence(fixer)
  return renderCard({
    title,
    tenant,
    supportUrl,
    failed: true,
    children: (
      <>
        <p role="alert">{text}</p>
        <LinkButton {...first} />
        {others.map((link) => (
          <Aside key={link.href} {...link} />
        ))}
        {(reference !== undefined || sentence !== undefined) && (
          <div class="reference">
            <p>{[sentence, reference && 'If you contact support, quote this reference:'].filter(Boolean).join(' ')}</p>
            {reference !== undefined && <Reference text={reference} />}
            <Details {...props} />
          </div>
        )}
      </>
    ),
  })
}

/** Folded: users do not need it. */
function Details({ code, fixer, fix, details = [] }: ErrorPageProps) {
  const summary = fixers[fixer]?.details ?? 'Details'
  const docs = code && docsLink(code)
  if (fixer === 'user' && details.length === 0 && docs === undefined) return null
  if (code === undefined && details.length === 0) return null
  return (
    <details>
      <summary>{summary}</summary>
      {fix !== undefined && fixer !== 'user' && (
        <p>
          <CodeText text={fix} />
        </p>
      )}
      <dl>
        {code !== undefined && (
          <Fact label="Error code">
            <code>{code}</code>
          </Fact>
        )}
        {docs !== undefined && (
          <Fact label="Documentation">
            <a href={docs}>Cause and fix</a>
          </Fact>
        )}
        {details.map(({ label, values }) => (
          <div key={label}>
            <dt>{label}</dt>
            {values.map((value) => (
              <dd key={value}>
                <code>{value}</code>
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </details>
  )
}
