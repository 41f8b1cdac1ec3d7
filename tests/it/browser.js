// What a script in a case may call. It stands in front of every script; see `browser.rs`.

globalThis.__kbWaiting ??= new Map();
globalThis.__kbAnswer ??= (id, value) => {
    globalThis.__kbWaiting.get(id)(value);
    globalThis.__kbWaiting.delete(id);
};

// Anything of the protocol of Chromium.
const cdp = (method, params = {}) => new Promise(answer => {
    const id = (globalThis.__kbLast = (globalThis.__kbLast ?? 0) + 1);
    globalThis.__kbWaiting.set(id, answer);
    globalThis.__kbAsk(JSON.stringify({ id, method, params }));
});

const $ = selector => document.querySelector(selector);
const $$ = selector => [...document.querySelectorAll(selector)];
// As a person sees it: blanks are one blank.
const text = element => (element?.innerText ?? '').replace(/\s+/g, ' ').trim();
const shown = element => !!element && element.checkVisibility({ visibilityProperty: true });

// Waits until a function gives something true, and gives it back.
const until = async (look, what = String(look)) => {
    for (let tries = 0; tries < 400; tries += 1) {
        const found = await look();
        if (found) {
            return found;
        }
        await new Promise(done => setTimeout(done, 25));
    }
    throw new Error(`never: ${what}`);
};

// A key, as the keyboard sends it: `Tab`, `Enter`, `Escape`, a letter.
const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
const press = async (key, modifiers = 0) => {
    const codes = { Tab: 9, Enter: 13, Escape: 27, ArrowDown: 40, ArrowUp: 38, ' ': 32 };
    const letter = key.length === 1;
    const about = {
        key, modifiers, code: letter ? `Key${key.toUpperCase()}` : key,
        windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0),
        ...(letter || key === 'Enter' ? { text: key === 'Enter' ? '\r' : key } : {}),
    };
    // A page takes no keys before it was drawn.
    await drawn();
    await cdp('Input.dispatchKeyEvent', { type: 'keyDown', ...about });
    await cdp('Input.dispatchKeyEvent', { type: 'keyUp', ...about });
};
const type = async words => {
    for (const letter of words) {
        await cdp('Input.dispatchKeyEvent', { type: 'char', text: letter, key: letter });
    }
    document.activeElement.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true }));
};
const click = async element => {
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    // Where it stands is known once the page was drawn so.
    await drawn();
    const box = element.getBoundingClientRect();
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, button: 'left', clickCount: 1 };
    await cdp('Input.dispatchMouseEvent', { type: 'mouseMoved', x: at.x, y: at.y });
    await cdp('Input.dispatchMouseEvent', { type: 'mousePressed', ...at });
    await cdp('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at });
};
// What the clipboard holds, by pasting it.
const pasted = async () => {
    const area = document.createElement('textarea');
    document.body.append(area);
    area.focus();
    await cdp('Input.dispatchKeyEvent', { type: 'keyDown', key: 'v', code: 'KeyV', modifiers: 2, commands: ['paste'] });
    const got = area.value;
    area.remove();
    return got;
};
// What axe finds wrong, a line for each rule: contrast, names, landmarks, order of headings.
const violations = async () => {
    const found = (await globalThis.axe.run(document, { preload: false, resultTypes: ['violations'] })).violations;
    return found.map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ')}`).join('\n');
};
// Results of the book's own search, in their order.
const search = async words => {
    await press('/');
    const bar = await until(() => document.activeElement?.id === 'mdbook-searchbar' && document.activeElement);
    await type(words);
    return until(() => bar.value === words && text($('#mdbook-searchresults-header')).includes(`'${words}'`))
        .then(() => $$('#mdbook-searchresults > li > a').map(text));
};
