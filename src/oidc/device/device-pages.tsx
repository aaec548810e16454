/** Pages of the device flow (RFC 8628): enter the code, confirm the device. */
import { Form, type FormTarget } from '../../pages/form.tsx'
import { renderCard, type SignedIn } from '../../pages/layout.tsx'

export interface DeviceCodePageProps {
  readonly form: FormTarget
  readonly code?: string | undefined
  readonly problem?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function deviceCodePage({ form, code, problem, signedIn }: DeviceCodePageProps): string {
  return renderCard({
    title: 'Connect a device',
    signedIn,
    failed: problem !== undefined,
    children: (
      <>
        {problem !== undefined && (
          <div class="message error" id="error" role="alert">
            <p>{problem}</p>
          </div>
        )}
        <Form {...form}>
          <div class="field">
            <label for="user_code">Code</label>
            <input
              id="user_code"
              name="user_code"
              type="text"
              class="device-input"
              placeholder="XXXX-XXXX"
              required
              autofocus
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              {...(problem !== undefined && { 'aria-invalid': true })}
              aria-describedby={problem === undefined ? 'hint' : 'error hint'}
              {...(code !== undefined && { value: code })}
            />
            <p class="hint" id="hint">
              Enter the code shown on your device.
            </p>
          </div>
          <button type="submit">Continue</button>
        </Form>
      </>
    ),
  })
}

export interface DeviceConfirmPageProps {
  readonly form: FormTarget
  readonly code: string
  readonly app: { readonly name: string }
  /** The signed-in user. */
  readonly person?: { readonly name: string; readonly email?: string | undefined } | undefined
}

export function deviceConfirmPage({ form, code, app, person }: DeviceConfirmPageProps): string {
  return renderCard({
    title: 'Is this your device?',
    signedIn: person,
    children: (
      <>
        <p>
          A device wants to use <strong>{app.name}</strong> as <Person person={person} />. It must show this code:
        </p>
        <p class="device-code">
          <code>{code}</code>
        </p>
        <p class="small">If someone sent you this code or link, choose No. It may be a scam.</p>
        <Form {...form}>
          <div class="answers">
            <button type="submit" name="confirm" value="yes">
              Yes, connect it
            </button>
            <button type="submit" name="abort" value="yes" class="quiet">
              No
            </button>
          </div>
        </Form>
      </>
    ),
  })
}

function Person({ person }: Pick<DeviceConfirmPageProps, 'person'>) {
  if (person === undefined) return <>you (you sign in next)</>
  const { name, email } = person
  return (
    <>
      <strong>{name}</strong>
      {email !== undefined && email !== name && <> ({email})</>}
    </>
  )
}
