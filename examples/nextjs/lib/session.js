import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { ORIGIN } from './gatehouse.js'

const { SESSION_SECRET } = process.env

/** The session of this browser, in an encrypted cookie that scripts cannot read. */
export async function currentSession() {
  const secure = ORIGIN.startsWith('https:')
  const cookieOptions = { httpOnly: true, sameSite: 'lax', secure }
  return await getIronSession(await cookies(), { cookieName: 'app_session', password: SESSION_SECRET, cookieOptions })
}
