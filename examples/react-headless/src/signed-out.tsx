import { Field, Form } from './form.tsx'
import { completeSignUp, mailCode, type Session, signIn } from './gatehouse.ts'

interface SignInProps {
  readonly onSignedIn: (session: Session) => void
  readonly onSignUp: () => void
}

export function SignIn({ onSignedIn, onSignUp }: SignInProps) {
  return (
    <>
      <Form
        title="Sign in"
        action="Sign in"
        submit={async ({ email = '', password = '' }) => onSignedIn(await signIn(email, password))}
      >
        <Field label="Email" name="email" type="email" autoComplete="username" />
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
      </Form>
      <button type="button" className="link" onClick={onSignUp}>
        Create an account
      </button>
    </>
  )
}

export function SignUp({ onMailed }: { readonly onMailed: () => void }) {
  async function submit({ email = '' }: Record<string, string>) {
    await mailCode(email)
    onMailed()
  }
  return (
    <Form title="Create an account" action="Send the code" submit={submit}>
      <Field label="Email" name="email" type="email" autoComplete="username" />
    </Form>
  )
}

interface ChoosePasswordProps {
  readonly code: string
  readonly onSignedIn: (session: Session) => void
}

export function ChoosePassword({ code, onSignedIn }: ChoosePasswordProps) {
  return (
    <Form
      title="Choose a password"
      action="Finish"
      submit={async ({ code = '', password = '' }) => onSignedIn(await completeSignUp(code.trim(), password))}
    >
      <p>We have sent you an email. Open its link, or paste its code here.</p>
      <Field label="Code" name="code" type="text" autoComplete="one-time-code" defaultValue={code} />
      <Field label="Password" name="password" type="password" autoComplete="new-password" />
    </Form>
  )
}
