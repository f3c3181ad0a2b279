self.trustedTypes?.createPolicy("default",{createHTML:text=>text.replaceAll("<","&lt;"),createScriptURL:url=>new URL(url,document.baseURI).origin===location.origin?url:null})
