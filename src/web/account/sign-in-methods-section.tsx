import { ActionForm } from '../../pages/action-form.tsx'
import { type ButtonLook, buttonClass } from '../../pages/brand-buttons.ts'
import { HiddenFields } from '../../pages/form.tsx'
import { safeHref } from '../../pages/layout.tsx'
import { Time } from '../../pages/time.tsx'
import { BrandLogo } from '../sign-in/login-page.tsx'

export interface AccountIdentity {
  /** What the form that takes it away calls it. */
  readonly id: string
  readonly connection: string
  /** The email at the upstream, or a name. */
  readonly knownAs?: string | undefined
  readonly lastUsedAt: Date
  /** False when its connection was removed. */
  readonly usable: boolean
  /** Added before a password reset and not confirmed since. Default false. */
  readonly suspended?: boolean
}

export interface AddableConnection extends ButtonLook {
  readonly id: string
  readonly label: string
  readonly logoPath?: string | undefined
  /** Where to go instead of posting the form: a password is added behind a mailed link. */
  readonly href?: string | undefined
}

export interface SignInMethods {
  readonly identities: readonly AccountIdentity[]
  readonly addable: readonly AddableConnection[]
  /** Set when the last sign-in is too old for changes. */
  readonly signInAgainHref?: string | undefined
  /** `unlink` and `confirm` get the field `identity`, `add` the field `connection`. */
  readonly actions: { readonly unlink: string; readonly add: string; readonly confirm: string }
}

interface SignInMethodProps {
  readonly methods: SignInMethods
  readonly hidden: Readonly<Record<string, string>> | undefined
  readonly now: Date
}

export function SignInMethodList({ methods, hidden, now }: SignInMethodProps) {
  const { identities, signInAgainHref, actions } = methods
  const isLive = (identity: AccountIdentity) => identity.usable && identity.suspended !== true
  const usable = identities.filter(isLive).length
  return (
    <section class="card" aria-labelledby="methods">
      <h2 id="methods">Sign-in methods</h2>
      <ul class="sessions">
        {identities.map((identity) => (
          <li key={identity.id}>
            <div>
              <h3>{identity.connection}</h3>
              {identity.knownAs !== undefined && <p class="small">{identity.knownAs}</p>}
              <p class="small">
                Last used <Time at={identity.lastUsedAt} now={now} />
                {!identity.usable && ', no longer available here'}
              </p>
              {identity.suspended && (
                <p class="small">Suspended: it was added before your password was reset. Confirm it if it is yours.</p>
              )}
            </div>
            {signInAgainHref === undefined && identity.suspended && (
              <ActionForm
                action={actions.confirm}
                hidden={{ ...hidden, identity: identity.id }}
                label="Confirm"
                object={[identity.connection, identity.knownAs].filter(Boolean).join(', ')}
              />
            )}
            {signInAgainHref === undefined && (usable > 1 || !isLive(identity)) && (
              <ActionForm
                action={actions.unlink}
                hidden={{ ...hidden, identity: identity.id }}
                label="Remove"
                object={[identity.connection, identity.knownAs].filter(Boolean).join(', ')}
              />
            )}
          </li>
        ))}
      </ul>
      {usable < 2 && <p class="small">You can't remove your only sign-in method.</p>}
      {signInAgainHref === undefined ? (
        <AddableConnections methods={methods} hidden={hidden} />
      ) : (
        <>
          <p class="small">Confirm it's you to change how you sign in.</p>
          <a class="button quiet" href={safeHref(signInAgainHref)}>
            Sign in again
          </a>
        </>
      )}
    </section>
  )
}

function AddableConnections({ methods, hidden }: Omit<SignInMethodProps, 'now'>) {
  const { addable, actions } = methods
  if (addable.length === 0) return null
  return (
    <>
      <h3>Add a sign-in method</h3>
      <ul class="connections">
        {addable.map((connection) => (
          <li key={connection.id}>
            {connection.href !== undefined ? (
              <a class={buttonClass(connection)} href={safeHref(connection.href)}>
                <BrandLogo path={connection.logoPath} />
                <span>{connection.label}</span>
              </a>
            ) : (
              <form method="post" action={safeHref(actions.add)}>
                <HiddenFields values={{ ...hidden, connection: connection.id }} />
                <button type="submit" class={buttonClass(connection)}>
                  <BrandLogo path={connection.logoPath} />
                  <span>{connection.label}</span>
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
