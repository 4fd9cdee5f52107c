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
package dev.fusewright.io.shards;

import dev.fusewright.io.json.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** An index as transformers writes it: indented by two, a tensor a line. */
final class IndexText {
  private static final String NEXT_MEMBER = ",\n  ";
  private static final String NEXT_ENTRY = ",\n    ";

  private IndexText() {}

  static String of(ShardIndex index) {
    List<String> members = new ArrayList<>();
    // Readers expect it, even where it says nothing.
    if (!index.others().containsKey(ShardedFormat.METADATA)) {
      StringJoiner metadata = new StringJoiner(NEXT_ENTRY, "{\n    ", "\n  }").setEmptyValue("{}");
      index.metadata().forEach((key, json) -> metadata.add(member(key, json)));
      members.add(member(ShardedFormat.METADATA, metadata.toString()));
    }
    index.others().forEach((key, json) -> members.add(member(key, json)));
    StringJoiner map = new StringJoiner(NEXT_ENTRY, "{\n    ", "\n  }");
    for (Map.Entry<String, String> tensor : index.shardOf().entrySet()) {
      map.add(member(tensor.getKey(), JsonText.quoted(tensor.getValue())));
    }
    members.add(member(ShardedFormat.WEIGHT_MAP, map.toString()));
    return "{\n  " + String.join(NEXT_MEMBER, members) + "\n}\n";
  }

  private static String member(String key, String json) {
    return JsonText.quoted(key) + ": " + json;
  }
}
