import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;

/** A MongoDB in memory for the suite: java -cp 'lib/*' Mongo.java <host> <port>. */
public class Mongo {
	public static void main(String[] args) {
		new MongoServer(new MemoryBackend() {
			@Override
			public Document handleCommand(Channel channel, String database, String command, Document query) {
				if (command.equalsIgnoreCase("getParameter")) // asked at its start
					return new Document("featureCompatibilityVersion", new Document("version", "6.0")).append("ok", 1.0);
				return super.handleCommand(channel, database, command, query);
			}
		}).bind(args[0], Integer.parseInt(args[1]));
	}
}
