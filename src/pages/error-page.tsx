/**
 * An error: what happened, who else can fix it, the reference that finds the trace, and how to
 * continue.
 */
import type { Fixer } from '../errors.ts'
import type { PageTenant } from './layout.tsx'
import { Monogram, renderLayout, safeHref } from './layout.tsx'

export interface ErrorPageProps {
  readonly title: string
  readonly text: string
  /** Finds the trace. */
  readonly reference?: string | undefined
  readonly fixer: Fixer
  /** Default: the sign-in page. */
  readonly continueHref?: string | undefined
  readonly continueLabel?: string | undefined
  /** A second way, shown smaller. */
  readonly otherHref?: string | undefined
  readonly otherLabel?: string | undefined
  /** Back to the app that waits for the sign-in; it gets the error. */
  readonly appHref?: string | undefined
  readonly supportUrl?: string | undefined
  readonly tenant?: PageTenant | undefined
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

export function errorPage(props: ErrorPageProps): string {
  const { title, text, reference, fixer, otherHref, otherLabel, tenant, details = [] } = props
  return renderLayout({
    title: tenant === undefined ? title : `${title} – ${tenant.name}`,
    failed: true,
    supportUrl: props.supportUrl,
    children: (
      <div class="card">
        {tenant !== undefined && <Monogram text={tenant.name} />}
        <h1>{title}</h1>
        <p role="alert">{text}</p>
        <a class="button" href={safeHref(props.continueHref ?? '/login')}>
          {props.continueLabel ?? 'Go to sign-in'}
        </a>
        {otherHref !== undefined && otherLabel !== undefined && (
          <p class="aside">
            <a href={safeHref(otherHref)}>{otherLabel}</a>
          </p>
        )}
        {props.appHref !== undefined && (
          <p class="aside">
            <a href={safeHref(props.appHref)}>Return to the app</a>
          </p>
        )}
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
              <div>
                <dt>{label}</dt>
                {values.map((value) => (
                  <dd>
                    <code>{value}</code>
                  </dd>
                ))}
              </div>
            ))}
          </dl>
        )}
      </div>
    ),
  })
}
