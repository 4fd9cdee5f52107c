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
package dev.fusewright.io.torch;

import dev.fusewright.io.format.RewrittenTensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Set;

/**
 * A file around one pickle, which can be written again with operations behind the pickle's own and
 * with other storages.
 */
interface PickledFile {
  /** Where the pickle's values stand. */
  PickleLayout layout();

  /** The keys of its storages. */
  Set<String> keys();

  /** Whether the pickle names a storage once, so that it is one tensor's. */
  boolean isOwned(TorchStorage storage);

  /** The form of the persistent ids of its storages. */
  IdForm idForm();

  /** The two forms of a storage's persistent id. */
  enum IdForm {
    /** {@code ('storage', type, key, location, elements)}. */
    PLAIN,
    /** The same, and a view's description or None. */
    WITH_VIEW
  }

  /** The result of writing. */
  record Written(long copied, List<RewrittenTensor> rewritten) {
    public Written {
      rewritten = List.copyOf(rewritten);
    }
  }

  /**
   * Writes the file anew from where the channel stands.
   *
   * @param tail operations behind the pickle's own, the last a STOP
   */
  Written write(FileChannel channel, byte[] tail, StorageEdits edits) throws IOException;
}
