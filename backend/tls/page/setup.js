// Tests whether this phone trusts the server's certificate, then opens the app with the pairing code.
'use strict'

const TIMEOUT_MS = 5000
const origins = JSON.parse(document.body.dataset.origins)
// the code is in the fragment of the address, which browsers do not send
const code = /^#(?:pair=)?([0-9A-Za-z-]{8,40})$/.exec(location.hash)?.[1]?.toUpperCase()
const status = document.getElementById('status')
const button = document.getElementById('check')

async function isTrusted(origin) {
  try {
    const response = await fetch(`${origin}/setup/trusted`, {
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined,
    })
    return response.ok
  } catch {
    return false
  }
}

/** The first origin that can be fetched; the name comes before the addresses. */
async function firstTrusted() {
  const answers = origins.map(isTrusted)
  for (const [index, answer] of answers.entries()) if (await answer) return origins[index]
  return null
}

function say(text, state) {
  status.textContent = text
  status.dataset.state = state ?? ''
}

async function check(asked) {
  button.setAttribute('aria-busy', 'true')
  const origin = await firstTrusted()
  button.setAttribute('aria-busy', 'false')
  if (origin === null) {
    if (asked) say('Not yet. Follow the steps for your phone below, then tap the button again.', 'bad')
    return
  }
  say('This phone trusts the server.', 'good')
  if (asked || code) location.assign(code ? `${origin}/#/pair/${code}` : `${origin}/`)
}

if (code) {
  document.getElementById('code').textContent = code
  document.getElementById('code-line').hidden = false
}
const agent = navigator.userAgent
const isApple = /iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)
document.getElementById(isApple ? 'ios' : /Android/.test(agent) ? 'android' : 'computer').open = true
button.addEventListener('click', () => void check(true))
void check(false)
