/** The pages about sign-ins in Chromium. */
import { describeLooks } from '../support/pages/page-looks.ts'
import { signInPages } from '../support/pages/sign-in-samples.ts'

describeLooks({ samples: signInPages, form: 'sign-ins-full' })
