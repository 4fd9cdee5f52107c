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
package dev.fusewright.io.storage;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.jspecify.annotations.Nullable;

/**
 * What S3A has said of objects of late, in its own form: a later request for one of them then names
 * its etag. Safe for use by several threads.
 */
final class SeenVersions {
  private static final int MOST = 1000;

  private static final Map<StoredFile, FileStatus> SEEN =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<StoredFile, FileStatus> eldest) {
          return size() > MOST;
        }
      };

  private SeenVersions() {}

  /** Keeps what was said, if the store holds requests against it. */
  static void keep(StoredFile file, FileStatus status) {
    if (file.location().scheme().equals("s3a") && file.etag() != null) {
      synchronized (SEEN) {
        SEEN.put(file, status);
      }
    }
  }

  /** What was said of this version; null if that is not known any more. */
  static @Nullable FileStatus find(StoredFile file) {
    synchronized (SEEN) {
      return SEEN.get(file);
    }
  }
}
