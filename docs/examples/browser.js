// The browser's half of an application: uploads an image by a presigned form, and shows images of the CDN.
// docs/consumers.md says why each of these requests is as it is.

/** Upload a file by a form that the back end has presigned; resolves to the object's ETag. */
export function upload(form, file, onProgress = () => {}) {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  data.append("file", file); // S3 ignores every field after the file
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener("load", () => {
      if (request.status === 204) resolve(request.getResponseHeader("ETag"));
      else reject(new Error(`S3 answers ${request.status}: ${request.responseText}`));
    });
    request.addEventListener("error", () => reject(new Error("S3 is out of reach, or its CORS rules refuse this page")));
    request.open("POST", form.url);
    request.send(data);
  });
}

/** Show an image of the CDN; rejects where the browser cannot load it. */
export function show(image, url) {
  image.crossOrigin = "use-credentials"; // on every use of a URL, or on none
  image.src = url;
  return image.decode();
}

/** Read an image of the CDN as a Blob. */
export async function read(url) {
  const answer = await fetch(url, { credentials: "include" });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.blob();
}
