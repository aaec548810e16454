import { currentSession } from '../lib/session.js'

export default async function Page() {
  const { user } = await currentSession()
  if (user === undefined)
    return (
      <p>
        You are signed out. <a href="/sign-in">Sign in</a>
      </p>
    )
  return (
    <form method="post" action="/sign-out">
      <p>Hello, {user.name ?? user.email}.</p>
      <button type="submit">Sign out</button>
    </form>
  )
}
