/** `/account/security/recovery-codes`: how many are left, and new ones, shown once. */
import { ActionForm, Form } from '../../../pages/form.tsx'
import { LinkButton, type PageLink } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { recoveryCodesPath, replaceCodesPath, securityPath, totpPath } from './paths.ts'

export interface RecoveryCodesPageProps {
  readonly viewer: AccountViewer
  /** Unused ones. */
  readonly left: number
  /** Undefined without any, used or not. */
  readonly createdAt: Date | undefined
  /** Whether the user has a second factor: without one, codes cannot recover anything. */
  readonly hasFactor: boolean
  /** New ones, shown this once. */
  readonly codes?: readonly string[] | undefined
  /** Whether the codes replaced earlier ones. Default false. */
  readonly replaced?: boolean | undefined
  readonly notice?: string | undefined
  readonly now: Date
}

export function recoveryCodesPage(props: RecoveryCodesPageProps): string {
  const { viewer, codes, replaced, notice } = props
  return accountLayout({
    section: 'security',
    viewer,
    notice,
    back: { href: securityPath, label: 'Security' },
    title: 'Recovery codes',
    children: (
      <section class="card">
        <p>
          A recovery code replaces your second factor once, such as when you lose your phone. Keep them in a safe place.
        </p>
        {codes === undefined ? (
          <State {...props} />
        ) : (
          <NewCodes codes={codes} replaced={replaced} done={{ href: securityPath, label: 'I have saved them' }} />
        )}
      </section>
    ),
  })
}

function State({ left, createdAt, hasFactor, now }: RecoveryCodesPageProps) {
  if (!hasFactor)
    return (
      <>
        <p>You have no second factor yet. Set one up first.</p>
        <div class="actions">
          <LinkButton href={`${securityPath}/passkeys`} label="Create a passkey" quiet />
          <LinkButton href={totpPath} label="Set up an authenticator app" quiet />
        </div>
      </>
    )
  if (createdAt === undefined)
    return (
      <>
        <p>You have no recovery codes.</p>
        <Form action={recoveryCodesPath}>
          <button type="submit">Create recovery codes</button>
        </Form>
      </>
    )
  return (
    <>
      <p>
        <strong>{left} of 10 codes are left.</strong> You created them <Time at={createdAt} now={now} />.
      </p>
      <LinkButton href={replaceCodesPath} label="Replace recovery codes" quiet />
    </>
  )
}

export function replaceCodesPage({ viewer }: Pick<RecoveryCodesPageProps, 'viewer'>): string {
  return confirmPage({
    ...{ section: 'security', viewer, cancelHref: recoveryCodesPath },
    title: 'Replace your recovery codes?',
    label: 'Replace recovery codes',
    danger: true,
    action: recoveryCodesPath,
    children: <p>You get ten new codes. The codes that you have no longer work.</p>,
  })
}

interface NewCodesProps {
  readonly codes: readonly string[]
  /** The user had codes before. Default false. */
  readonly replaced?: boolean | undefined
  /** Continues when the user has saved them. */
  readonly done: PageLink
}

/** The page loads the stylesheet of the account. */
export function NewCodes({ codes, replaced = false, done }: NewCodesProps) {
  return (
    <>
      <p>
        <strong>These codes are shown only now.</strong> Each works once.
        {replaced && ' Your earlier codes no longer work.'}
      </p>
      <ol class="recovery-codes" id="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="code-actions">
        <ActionForm
          action={`${recoveryCodesPath}/download`}
          hidden={{ codes: codes.join(' ') }}
          label="Download as text"
          download
        />
        <button type="button" class="quiet" data-prints hidden>
          Print
        </button>
      </div>
      <LinkButton {...done} />
    </>
  )
}
