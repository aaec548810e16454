import { type ButtonLook, buttonClass } from '../../pages/brand-buttons.ts'
import { ActionForm, Form } from '../../pages/form.tsx'
import { safeHref } from '../../pages/layout.tsx'
import { LinkButton, Section } from '../../pages/parts.tsx'
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
}

const isLive = (identity: AccountIdentity) => identity.usable && identity.suspended !== true

export function SignInMethodList({
  identities,
  addable,
  signInAgainHref,
  now,
}: SignInMethods & { readonly now: Date }) {
  const mayChange = signInAgainHref === undefined
  const liveCount = identities.filter(isLive).length
  return (
    <Section id="methods" title="Sign-in methods">
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
            {mayChange && identity.suspended && <IdentityAction identity={identity} action="confirm" label="Confirm" />}
            {mayChange && (liveCount > 1 || !isLive(identity)) && (
              <IdentityAction identity={identity} action="unlink" label="Remove" />
            )}
          </li>
        ))}
      </ul>
      {liveCount < 2 && <p class="small">You can't remove your only sign-in method.</p>}
      {mayChange ? (
        <AddableConnections addable={addable} />
      ) : (
        <>
          <p class="small">Confirm it's you to change how you sign in.</p>
          <LinkButton href={signInAgainHref} label="Sign in again" quiet />
        </>
      )}
    </Section>
  )
}

interface IdentityActionProps {
  readonly identity: AccountIdentity
  readonly action: 'confirm' | 'unlink'
  readonly label: string
}

function IdentityAction({ identity: { id, connection, knownAs }, action, label }: IdentityActionProps) {
  const object = [connection, knownAs].filter(Boolean).join(', ')
  return <ActionForm action={`/account/identities/${action}`} hidden={{ identity: id }} {...{ label, object }} />
}

function AddableConnections({ addable }: Pick<SignInMethods, 'addable'>) {
  if (addable.length === 0) return null
  return (
    <>
      <h3>Add a sign-in method</h3>
      <ul class="connections">
        {addable.map(({ id, label, logoPath, href, ...look }) => (
          <li key={id}>
            {href !== undefined ? (
              <a class={buttonClass(look)} href={safeHref(href)}>
                <BrandLogo path={logoPath} />
                <span>{label}</span>
              </a>
            ) : (
              <Form action="/account/identities/add" hidden={{ connection: id }}>
                <button type="submit" class={buttonClass(look)}>
                  <BrandLogo path={logoPath} />
                  <span>{label}</span>
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
