import { useEffect, useState } from 'react'
import { Account } from './account.tsx'
import { currentSession, type Session } from './gatehouse.ts'
import { ChoosePassword, SignIn, SignUp } from './signed-out.tsx'

type View = 'sign-in' | 'sign-up' | 'choose-password'

/** The emailed link leads here with the code in the fragment. */
const linkedCode = new URLSearchParams(location.hash.slice(1)).get('code') ?? ''

export function App() {
  const [session, setSession] = useState<Session | null>()
  const [view, setView] = useState<View>(linkedCode === '' ? 'sign-in' : 'choose-password')
  const [error, setError] = useState<string>()

  useEffect(() => {
    currentSession().then(setSession, (failure) => setError(String(failure.message)))
  }, [])

  function signedIn(opened: Session) {
    history.replaceState(null, '', location.pathname) // the code in the URL is used up
    setSession(opened)
  }

  if (error !== undefined) return <p role="alert">{error}</p>
  if (session === undefined) return <p>Loading…</p>
  if (session !== null)
    return (
      <Account
        session={session}
        onSignedOut={() => {
          setView('sign-in')
          setSession(null)
        }}
      />
    )
  switch (view) {
    case 'sign-in':
      return <SignIn onSignedIn={signedIn} onSignUp={() => setView('sign-up')} />
    case 'sign-up':
      return <SignUp onMailed={() => setView('choose-password')} />
    case 'choose-password':
      return <ChoosePassword code={linkedCode} onSignedIn={signedIn} />
  }
}
