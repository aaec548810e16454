/** A no: what happened, who can do something about it, the reference that finds the trace, and one clear way on. */
import type { Fixer } from '../errors.ts'
import type { PageTenant } from './layout.tsx'
import { Monogram, renderLayout, safeHref } from './layout.tsx'

export interface ErrorPageProps {
  readonly title: string
  readonly text: string
  /** Finds the trace. */
  readonly reference?: string | undefined
  readonly fixer: Fixer
  /** Where the person goes on; the sign-in page unless given. */
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

const fixerSentences = {
  user: 'You can put this right yourself.',
  'tenant admin': 'The administrator of your organization can fix this.',
  'app developer': 'The people who run the app you came from can fix this.',
  operator: 'The people who run this sign-in service can fix this.',
} as const satisfies Record<Fixer, string>

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
        <div class="reference">
          <p>
            {fixerSentences[fixer]}
            {reference !== undefined && ' When you ask for help, give this reference:'}
          </p>
          {reference !== undefined && <code>{reference}</code>}
        </div>
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
