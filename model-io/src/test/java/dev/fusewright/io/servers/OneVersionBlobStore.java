/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Date;
import java.util.Objects;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.Blob;
import org.gaul.s3proxy.blobstore.domain.BlobMetadata;
import org.gaul.s3proxy.blobstore.options.GetOptions;
import org.jspecify.annotations.Nullable;

/**
 * What S3 promises: an answer is of one version of an object. S3Proxy asks for a file's size, its
 * etag and its content one after the other by its path; where the file is replaced in between, it
 * is asked again here.
 */
final class OneVersionBlobStore extends ForwardingBlobStore {
  OneVersionBlobStore(BlobStore blobs) {
    super(blobs);
  }

  private record Version(@Nullable Long size, @Nullable String etag, @Nullable Date modified) {
    static @Nullable Version of(@Nullable BlobMetadata metadata) {
      return metadata == null
          ? null
          : new Version(metadata.size(), metadata.eTag(), metadata.lastModified());
    }
  }

  @Override
  public @Nullable BlobMetadata blobMetadata(String container, String name) {
    BlobMetadata seen = super.blobMetadata(container, name);
    while (true) {
      BlobMetadata again = super.blobMetadata(container, name);
      if (Objects.equals(Version.of(seen), Version.of(again))) {
        return again;
      }
      seen = again;
    }
  }

  @Override
  public @Nullable Blob getBlob(String container, String name, GetOptions options) {
    while (true) {
      Version before = Version.of(blobMetadata(container, name));
      Blob blob = super.getBlob(container, name, options);
      Version after = Version.of(blobMetadata(container, name));
      if (blob == null || Objects.equals(before, after)) {
        return blob;
      }
      try {
        blob.getPayload().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
