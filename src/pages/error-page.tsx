/** An error: what happened, who can fix it, the reference of the trace, and how to continue. */
import type { Fixer } from '../errors.ts'
import { renderCard } from './layout.tsx'
import { Aside, LinkButton, type PageLink } from './parts.tsx'

export interface ErrorPageProps {
  readonly title: string
  readonly text: string
  /** Finds the trace. */
  readonly reference?: string | undefined
  readonly fixer: Fixer
  /** The first is a button; the others are smaller. Default: the sign-in page. */
  readonly links?: readonly PageLink[]
  readonly supportUrl?: string | undefined
  /** For who has to fix it: what came, and what would have been right. */
  readonly details?: readonly { readonly label: string; readonly values: readonly string[] }[] | undefined
}

/** None where users can fix it themselves: the text tells them how. */
const fixerSentences = {
  user: undefined,
  'tenant admin': "Your organization's administrator can fix this.",
  'app developer': 'The developer of the app can fix this.',
  operator: 'The operator of this sign-in service can fix this.',
} as const satisfies Record<Fixer, string | undefined>

const signIn: PageLink = { href: '/login', label: 'Go to sign-in' }

export function errorPage(props: ErrorPageProps): string {
  const { title, text, reference, fixer, links = [], details = [], supportUrl } = props
  const [first = signIn, ...others] = links
  return renderCard({
    title,
    supportUrl,
    failed: true,
    children: (
      <>
        <p role="alert">{text}</p>
        <LinkButton {...first} />
        {others.map((link) => (
          <Aside key={link.href} {...link} />
        ))}
        {(reference !== undefined || fixerSentences[fixer] !== undefined) && (
          <div class="reference">
            <p>
              {fixerSentences[fixer]}
              {reference !== undefined && ' If you contact support, quote this reference:'}
            </p>
            {reference !== undefined && <code>{reference}</code>}
          </div>
        )}
        {details.length > 0 && (
          <dl class="details">
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
        )}
      </>
    ),
  })
}
