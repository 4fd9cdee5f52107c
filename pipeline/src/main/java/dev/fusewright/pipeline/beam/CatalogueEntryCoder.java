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
package dev.fusewright.pipeline.beam;

import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;

/** An entry as its own line of JSON. */
final class CatalogueEntryCoder extends AtomicCoder<CatalogueEntry> {
  @Override
  public void encode(CatalogueEntry entry, OutputStream out) throws IOException {
    StringUtf8Coder.of().encode(EntryJson.write(entry), out);
  }

  @Override
  public CatalogueEntry decode(InputStream in) throws IOException {
    return EntryJson.prepared(StringUtf8Coder.of().decode(in));
  }
}
